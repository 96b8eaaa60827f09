import type { R2Bucket, R2PutOptions } from '../../../sdk/r2.ts';

/** One thing that a bucket promises. It runs in a function: what does not hold is thrown, and nothing of a test's is there. */
export type Case = (bucket: R2Bucket) => Promise<void>;
export type Cases = Readonly<Record<string, Case>>;

/** For calls that the types forbid. */
export type Loose = Record<string, (...args: unknown[]) => Promise<Record<string, unknown> | null>>;

export function loose(bucket: object): Loose {
  return bucket as Loose;
}

/** By their JSON, with keys in order; a buffer is its bytes. */
export function equal(actual: unknown, expected: unknown): void {
  const [one, other] = [textOf(actual), textOf(expected)];
  if (one !== other) throw new Error(`Expected ${other.slice(0, 2_000)}\nbut it is ${one.slice(0, 2_000)}`);
}

/** @param like a part of the message, or all of these fields */
export async function rejects(
  work: Promise<unknown> | (() => Promise<unknown>),
  like: string | { name?: string; message?: string; code?: string },
): Promise<void> {
  let error: { name?: string; message?: string; code?: unknown };
  try {
    const value = await (typeof work === 'function' ? work() : work);
    error = { message: `nothing, but resolved to ${textOf(value)}` };
  } catch (thrown) {
    error = thrown as Error;
  }
  const { name, message, code } = typeof like === 'string' ? { message: like } : like;
  const holds =
    (message === undefined || error.message?.includes(message)) &&
    (name === undefined || error.name === name) &&
    (code === undefined || error.code === code);
  if (!holds)
    throw new Error(
      `Expected an error like ${textOf(like)}\nbut it is ${textOf({ name: error.name, message: error.message, code: error.code })}`,
    );
}

export async function textAt(bucket: R2Bucket, key: string): Promise<string | null> {
  return (await (await bucket.get(key))?.text()) ?? null;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Its length is known where the platform has streams that carry theirs. */
export function streamOf(text: string, pieces = 3): ReadableStream<Uint8Array> {
  const bytes = bytesOf(text);
  return fixed(unknownLength(bytes, Math.ceil(bytes.byteLength / pieces) || 1), bytes.byteLength);
}

export function unknownLength(bytes: Uint8Array, piece: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.byteLength) controller.enqueue(bytes.slice(at, (at += piece)));
      else controller.close();
    },
  });
}

export function fixed(stream: ReadableStream<Uint8Array>, size: number): ReadableStream<Uint8Array> {
  const { FixedLengthStream: Fixed } = globalThis as {
    FixedLengthStream?: new (size: number) => ReadableWritablePair<Uint8Array, Uint8Array>;
  };
  return stream.pipeThrough(Fixed === undefined ? counted(size) : new Fixed(size));
}

/** The same where the runtime has none. */
function counted(size: number): TransformStream<Uint8Array, Uint8Array> {
  let left = size;
  return new TransformStream({
    transform(chunk, controller) {
      if ((left -= chunk.byteLength) < 0) throw new TypeError('too long');
      controller.enqueue(chunk);
    },
    flush() {
      if (left > 0) throw new TypeError('too short');
    },
  });
}

/** Bytes with no period that a lost or swapped part could hide in. */
export function noise(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  const words = new Uint32Array(bytes.buffer, 0, size >> 2);
  for (let index = 0, state = 1; index < words.length; index++) words[index] = state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return bytes;
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((byte, index) => byte === other[index]);
}

export async function hexDigest(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(await crypto.subtle.digest(algorithm, bytes));
}

export function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function put(bucket: R2Bucket, keys: readonly string[], options: R2PutOptions = {}): Promise<void> {
  await Promise.all(keys.map((key) => bucket.put(key, key, options)));
}

function textOf(value: unknown): string {
  return String(
    JSON.stringify(value, (_key, each: unknown) => {
      if (each instanceof ArrayBuffer) return [...new Uint8Array(each)];
      if (ArrayBuffer.isView(each)) return [...new Uint8Array(each.buffer, each.byteOffset, each.byteLength)];
      if (each instanceof Map) return [...each];
      if (each === null || typeof each !== 'object' || Array.isArray(each)) return each;
      return Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)));
    }),
  );
}
