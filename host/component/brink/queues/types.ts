import type { QueueRetryOptions } from '../../../../sdk/queue.ts';
import type { HostInterface } from '../../host.ts';
import type { Factory } from '../../wasi/settings.ts';
import type { GuestBatch, GuestMessage } from './batch.ts';

const functions: HostInterface = {
  '[method]message.id': ({ of }: GuestMessage) => of.id,
  '[method]message.timestamp': ({ of }: GuestMessage) => BigInt(of.timestamp.getTime()),
  '[method]message.attempts': ({ of }: GuestMessage) => of.attempts,
  '[method]message.content-type': ({ body }: GuestMessage) => body.type,
  '[method]message.body': ({ body }: GuestMessage) => body.bytes,
  '[method]message.ack': ({ of }: GuestMessage) => of.ack(),
  '[method]message.retry': ({ of }: GuestMessage, delaySeconds?: number) => of.retry(optionsOf(delaySeconds)),
  '[method]message-batch.queue': ({ of }: GuestBatch) => of.queue,
  '[method]message-batch.messages': ({ messages }: GuestBatch) => messages,
  '[method]message-batch.ack-all': ({ of }: GuestBatch) => of.ackAll(),
  '[method]message-batch.retry-all': ({ of }: GuestBatch, delaySeconds?: number) => of.retryAll(optionsOf(delaySeconds)),
};

/** brink:queues/types. */
export const types: Factory = () => functions;

function optionsOf(delaySeconds: number | undefined): QueueRetryOptions | undefined {
  return delaySeconds === undefined ? undefined : { delaySeconds };
}
