import { base64 } from './text.ts';

/** A batch as the engines give it to `queue`. */
export interface Batch {
  readonly queue: string;
  readonly messages: readonly Message[];
}

export interface Message {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
  ack(): void;
  retry(): void;
}

/** A body as the text that queues of other clouds carry: bytes in base64, everything but text as JSON. */
export function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof ArrayBuffer) return base64(new Uint8Array(body));
  if (ArrayBuffer.isView(body)) return base64(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  return JSON.stringify(body) ?? '';
}

/** A body as the object that it is, or that its text means; anything else as it is. */
export function valueOf(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

/**
 * Handles each message by itself, for clouds that call a function once for each: those that fail are retried, the others are
 * done.
 *
 * @throws what the first of them threw, with the number of those that failed
 */
export async function eachMessage({ messages }: Batch, handle: (message: Message) => unknown): Promise<void> {
  const errors: unknown[] = [];
  const one = async (message: Message) => {
    try {
      await handle(message);
      message.ack();
    } catch (error) {
      message.retry();
      errors.push(error);
    }
  };
  await Promise.all(messages.map(one));
  if (errors.length === 1 || (errors.length > 0 && messages.length === 1)) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${messages.length} messages failed: ${firstOf(errors)}`);
}

function firstOf(errors: readonly unknown[]): string {
  const [first] = errors;
  return first instanceof Error ? first.message : String(first);
}
