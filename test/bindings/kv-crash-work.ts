import { writeSync } from 'node:fs';
import type { KVNamespace } from '../../sdk/kv.ts';

/** One line for each write, when it has been acknowledged. */
export type Line =
  | { readonly done: 'put'; readonly key: string; readonly step: number; readonly size: number }
  | { readonly done: 'deleted'; readonly key: string; readonly step: number }
  | { readonly done: 'counted'; readonly count: number };

/** Writes, and tells of it, until it is killed. */
export async function work(kv: KVNamespace, round: number): Promise<never> {
  for (let step = 0; ; step++) {
    const key = `key-${step % 7}`;
    const at = round * 1_000_000 + step;
    // Some lie in several parts.
    const size = step % 5 === 4 ? 2_500_000 : 100;
    await kv.put(key, new Uint8Array(size).fill(at % 251), { metadata: { step: at, size }, expirationTtl: 86_400 });
    tell({ done: 'put', key, step: at, size });
    if (step % 11 === 10) {
      await kv.delete(key);
      tell({ done: 'deleted', key, step: at });
    }
    tell({ done: 'counted', count: await kv.increment('count') });
  }
}

export function tell(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
