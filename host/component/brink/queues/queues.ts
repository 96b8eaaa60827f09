import { blocking, type HostInterface, type World } from '../../host.ts';
import type { Factory } from '../../wasi/settings.ts';
import { ok, type Result } from '../../wasi/values/result.ts';
import { attempt, bindingOf, invalidOrOther, type AccessDenied } from '../binding.ts';
import { hostBody, type ContentType } from './body.ts';

/** The queue binding of Workers, as much of it as is needed here. */
export interface QueueBinding {
  send(body: unknown, options: SendOptions): Promise<unknown>;
  sendBatch(messages: readonly ({ readonly body: unknown } & SendOptions)[], options: { readonly delaySeconds?: number }): Promise<unknown>;
}

interface SendOptions {
  readonly contentType: ContentType;
  readonly delaySeconds?: number;
}

interface NewMessage {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly 'content-type': ContentType;
  readonly 'delay-seconds'?: number;
}

const functions: HostInterface = {
  '[method]queue.send': blocking((queue: QueueBinding, message: NewMessage) =>
    attempt(async () => {
      await queue.send(bodyOf(message), optionsOf(message));
    }, invalidOrOther),
  ),
  '[method]queue.send-batch': blocking((queue: QueueBinding, messages: readonly NewMessage[], delaySeconds?: number) =>
    attempt(async () => {
      await queue.sendBatch(
        messages.map((message) => ({ body: bodyOf(message), ...optionsOf(message) })),
        delay(delaySeconds),
      );
    }, invalidOrOther),
  ),
};

/** brink:queues/queues. */
export const queues: Factory = (world) => ({ ...functions, open: (name: string) => openQueue(world, name) });

function openQueue(world: World, name: string): Result<QueueBinding, AccessDenied> {
  const binding = bindingOf<QueueBinding>(world, name, { name: 'queue', methods: ['send', 'sendBatch'] });
  return binding.tag === 'err' ? binding : ok(binding.val);
}

function bodyOf({ body, 'content-type': type }: NewMessage): unknown {
  return hostBody({ type, bytes: body });
}

function optionsOf({ 'content-type': contentType, 'delay-seconds': delaySeconds }: NewMessage): SendOptions {
  return { contentType, ...delay(delaySeconds) };
}

function delay(delaySeconds: number | undefined): { readonly delaySeconds?: number } {
  return delaySeconds === undefined ? {} : { delaySeconds };
}
