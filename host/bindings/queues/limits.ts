import type { QuotaExceeded } from '../../stores/quota.ts';
import { BindingError } from '../binding-error.ts';

/** Bytes of a message. 1 KB is 1,000 bytes: https://developers.cloudflare.com/queues/platform/limits/ */
export const MAX_MESSAGE = 128_000;
/** Of one `sendBatch`: messages, and bytes of all of them. 256 KB is promised; Workers takes what stands here. */
export const MAX_MESSAGES = 100;
export const MAX_BATCH = 288_000;

/** Characters of an `idempotencyKey`, and how long one is known in ms: as long as the deduplication of Amazon SQS. */
export const MAX_KEY = 255;
export const KEY_MS = 300_000;

/** @throws {TypeError} */
export function checkedKey(key: unknown): string {
  if (typeof key === 'string' && key.length > 0 && key.length <= MAX_KEY && key.isWellFormed()) return key;
  throw new TypeError(`An idempotencyKey is a string of 1 to ${MAX_KEY} characters.`);
}

export function keyReused(operation: string): BindingError {
  return new BindingError(
    `Queue ${operation} failed: this idempotencyKey was sent before with another body or content type. Use a new key.`,
    { code: 'idempotency-key-reused' },
  );
}

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
