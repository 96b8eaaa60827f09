import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { digestOf } from '../../host/registry/artifact.ts';
import { Registry } from '../../host/registry/registry.ts';
import { checkWeights } from '../../host/registry/weights.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 25;
const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

it(`after kill -9 in the middle of publishes and moves, ${ROUNDS} times over, everything acknowledged is there and nothing is half there`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-crash-'));
  const path = join(directory, 'state.db');
  const told: Line[] = [];
  let swept = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      told.push(...(await runAndKill<Line>({ module: CHILD, args: [path, String(round)], within: 150, after: 10 })));
      swept += await checkState(path, told);
    }
  } finally {
    removeFolder(directory);
  }
  expect(told.filter(({ done }) => done === 'published').length).toBeGreaterThan(ROUNDS);
  expect(told.filter(({ done }) => done === 'moved').length).toBeGreaterThan(ROUNDS);
  // Otherwise no kill came between a write and the one that it belongs to, and nothing was tested.
  expect(swept).toBeGreaterThan(0);
});

/** Opens the state as a host does at its start, and says how many orphans it swept. */
async function checkState(path: string, told: readonly Line[]): Promise<number> {
  const sql = openSql(path);
  try {
    expect(sql.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const store = createSqlStore(sql, Date.now);
    const blobs = createSqlBlobs(sql);
    const registry = new Registry({ store, blobs, now: Date.now });
    const swept = await registry.sweep();
    await checkAcknowledged(registry, told);
    const artifacts: string[] = [];
    for (const record of await registry.list()) {
      const numbers = record.versions.map(({ number }) => number);
      for (const version of record.versions) {
        expect(version.number).toBeLessThan(record.nextVersion);
        expect(await digestOf((await blobs.get(`artifact/${version.artifact}`))!)).toBe(version.digest);
        expect((await (await registry.load(record, version)).load()).manifest.name).toBe(record.name);
        artifacts.push(version.artifact);
      }
      for (const { versions } of Object.values(record.aliases)) {
        checkWeights(versions);
        for (const { version } of versions) expect(numbers).toContain(version);
      }
    }
    expect(await blobs.list('')).toEqual(artifacts.map((key) => `artifact/${key}`).toSorted());
    expect((await store.list({ prefix: 'manifest/' })).keys).toEqual(artifacts.map((key) => `manifest/${key}`).toSorted());
    for (const route of await registry.routes()) await registry.get(route.function);
    return swept;
  } finally {
    sql.close();
  }
}

async function checkAcknowledged(registry: Registry, told: readonly Line[]): Promise<void> {
  const removed = new Set(told.flatMap((line) => (line.done === 'removing' ? [`${line.name}@${line.number}`] : [])));
  for (const line of told) {
    const record = await registry.get(line.name);
    if (line.done === 'published' && !removed.has(`${line.name}@${line.number}`)) {
      expect(record.versions.find(({ number }) => number === line.number)?.digest).toBe(line.digest);
    }
    if (line.done === 'moved') {
      const { revision, versions } = record.aliases[line.alias]!;
      expect(revision).toBeGreaterThanOrEqual(line.revision);
      if (revision === line.revision) expect(versions.map(({ version }) => version)).toEqual(line.versions);
    }
  }
}
