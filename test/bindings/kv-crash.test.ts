import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { namespaceOn } from './kv.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './kv-crash-child.ts';

const ROUNDS = 15;
const CHILD = fileURLToPath(new URL('kv-crash-child.ts', import.meta.url));

it(`after kill -9 in the middle of writes, ${ROUNDS} times over, each acknowledged one is there, and each value whole`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-kv-'));
  const path = join(directory, 'state.sqlite');
  let writes = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const told = await runAndKill<Line>({ module: CHILD, args: [path, String(round)], within: 100 });
      writes += told.length;
      await check(path, told);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  expect(writes).toBeGreaterThan(ROUNDS);
}, 60_000);

async function check(path: string, told: readonly Line[]): Promise<void> {
  const sql = openSql(path);
  try {
    expect(sql.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const kv = namespaceOn(createSqlStore(sql, Date.now, 'binding'), Date.now);
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
  } finally {
    sql.close();
  }
}
