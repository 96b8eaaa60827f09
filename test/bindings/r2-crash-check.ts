import { expect } from 'vitest';
import type { R2Bucket } from '../../sdk/r2.ts';
import { EVERY, type Line } from './r2-crash.ts';

/** What is there of what a child of `r2-crash-work.ts` said, and died. */
export async function checkObjects(bucket: R2Bucket, told: readonly Line[]): Promise<void> {
  const last = new Map(told.map((line) => [line.key, line]));
  const { objects: listed } = await bucket.list({ include: ['customMetadata'] });
  const sizes = new Map(listed.map(({ key, size }) => [key, size]));
  for (const [key, line] of last) {
    // The child may have done one thing more, and died before it could say so: a delete of what it had put, or a put.
    if (line.done === 'put' && (line.step % 1_000_000) % 7 !== 6) expect(sizes.get(key), key).toBe(line.size);
  }
  for (const { key, size } of listed) {
    const bytes = await (await bucket.get(key))!.bytes();
    expect([bytes.byteLength, new Set(bytes).size], key).toEqual([size, 1]);
    const line = last.get(key);
    if (line === undefined) continue;
    const steps = line.done === 'put' ? [line.step, line.step + EVERY] : [line.step + EVERY];
    expect(
      steps.map((step) => step % 251),
      key,
    ).toContain(bytes[0]);
  }
}
