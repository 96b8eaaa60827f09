import { expect } from 'vitest';
import type { KVNamespace } from '../../sdk/kv.ts';
import type { Line } from './kv-crash-work.ts';

/** Each write that was told of is there, and each value whole. */
export async function checkWritten(kv: KVNamespace, told: readonly Line[]): Promise<void> {
  const last = new Map(told.flatMap((line) => (line.done === 'counted' ? [] : [[line.key, line] as const])));
  for (const [key, line] of last) {
    const { value, metadata } = await kv.getWithMetadata<{ step: number; size: number }>(key, 'arrayBuffer');
    // The child may have done one thing more, and died before it could say so: a delete of what it had put, or a put.
    if (value === null) expect(line.done === 'deleted' || (line.step % 1_000_000) % 11 === 10).toBe(true);
    else {
      expect(metadata!.step).toBeGreaterThanOrEqual(line.done === 'deleted' ? line.step + 1 : line.step);
      expect([value.byteLength, new Set(new Uint8Array(value))]).toEqual([metadata!.size, new Set([metadata!.step % 251])]);
    }
  }
  const counted = Math.max(0, ...told.flatMap((line) => (line.done === 'counted' ? [line.count] : [])));
  expect(Number(await kv.get('count'))).toBeGreaterThanOrEqual(counted);
  expect(Number(await kv.get('count'))).toBeLessThanOrEqual(counted === 0 ? Infinity : counted + 1);
}
