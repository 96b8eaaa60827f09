import type { QuotaExceeded } from '../../stores/quota.ts';
import { BindingError } from '../binding-error.ts';

/** Bytes of a message. 1 KB is 1,000 bytes: https://developers.cloudflare.com/queues/platform/limits/ */
export const MAX_MESSAGE = 128_000;
/** Of one `sendBatch`: messages, and bytes of all of them. 256 KB is promised; Workers takes what stands here. */
export const MAX_MESSAGES = 100;
export const MAX_BATCH = 288_000;

export function tooLarge(bytes: number): Error {
  return new Error(`Queue send failed: message length of ${bytes} bytes exceeds limit of ${MAX_MESSAGE}`);
}

export function tooMany(messages: number): Error {
  return new Error(`Queue sendBatch failed: batch message count of ${messages} exceeds limit of ${MAX_MESSAGES}`);
}

export function overQuota(operation: string, { what, limit }: QuotaExceeded): BindingError {
  return new BindingError(
    `Queue ${operation} failed: the queue may have at most ${limit} ${what}${what === 'bytes' ? ' of messages' : ''}. Try again when some are consumed, or have the host allow more.`,
    { name: 'QuotaExceededError', code: 'quota-exceeded' },
  );
}
