import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createKeyring } from '../../host/secrets/keyring.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';
import type { Line } from './crash-child.ts';

const ROUNDS = 10;
const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

it(`after kill -9 in the middle of changes and rotations, ${ROUNDS} times over, secrets are as the last or the next change leaves them`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-crash-'));
  const path = join(directory, 'state.db');
  let changes = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await runAndKill(path, round);
      changes += lines.length;
      const [last, next] = [lines.findLast(({ done }) => done)?.values, lines.at(-1)?.values];
      const found = await stored(path);
      if (last !== undefined) expect([last, next]).toContainEqual(found);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  expect(changes).toBeGreaterThan(ROUNDS * 2);
}, 60_000);

async function stored(path: string): Promise<Record<string, string>> {
  const sql = openSql(path);
  try {
    const keys = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
    const registry = new Registry({
      store: createSqlStore(sql, Date.now),
      blobs: createSqlBlobs(sql),
      now: Date.now,
      keyring: createKeyring(() => keys),
    });
    const record = await registry.find('fn');
    return record === null ? {} : { ...(await registry.secrets.valuesOf(record)) };
  } finally {
    sql.close();
  }
}

/** Kills the child up to 150 ms after its first line, and gives the lines that it had written whole. */
async function runAndKill(path: string, round: number): Promise<Line[]> {
  const child = spawn(process.execPath, [CHILD, path, String(round)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, signal) => resolve(signal)));
  const first = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      resolve();
    });
  });
  await Promise.race([first, ended]);
  await wait(Math.random() * 150);
  child.kill('SIGKILL');
  expect(await ended, errors).toBe('SIGKILL');
  const whole = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return whole.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}
