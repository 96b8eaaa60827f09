import type { Message, MessageBatch } from '../../../../sdk/queue.ts';
import { guestBody, type GuestBody } from './body.ts';

/** `message` of brink:queues. */
export class GuestMessage {
  readonly of: Message;
  readonly body: GuestBody;

  /** @throws {TypeError} where a guest cannot get its body */
  constructor(of: Message) {
    this.of = of;
    try {
      this.body = guestBody(of.body);
    } catch (cause) {
      throw new TypeError(`The message ${of.id} cannot be given to a component: ${(cause as Error).message}`, { cause });
    }
  }
}

/** `message-batch` of brink:queues. */
export class GuestBatch {
  readonly of: MessageBatch;
  readonly messages: readonly GuestMessage[];

  /** @throws {TypeError} where a guest cannot get the body of a message */
  constructor(of: MessageBatch) {
    this.of = of;
    this.messages = of.messages.map((message) => new GuestMessage(message));
  }
}
