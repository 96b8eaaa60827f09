import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, tableUnder } from './blocks.ts';

const COLUMNS = ['memory', 'SQLite', 'Node', 'workerd', 'NATS', 'Miniflare’s own', 'test env'] as const;

/** One file runs all of them. */
const TEST_ENV = { 'test env': 'test/sdk/testing/suites.test.ts' };

/** Where the suite of a row runs on what a column says; not there where it does not. */
const FILES: Readonly<Record<string, Partial<Record<(typeof COLUMNS)[number], string>>>> = {
  'KV namespaces': { ...bindings('kv', ['memory', 'sqlite', 'node', 'workerd', 'reference']), NATS: 'test/nats/kv.test.ts', ...TEST_ENV },
  'histories of KV and locks': {
    memory: 'test/bindings/linear-local.test.ts',
    ...bindings('linear', ['node', 'workerd']),
    NATS: 'test/nats/linear.test.ts',
  },
  caches: {
    Node: 'test/caches/node.test.ts',
    workerd: 'test/caches/workerd.test.ts',
    'Miniflare’s own': 'test/caches/reference.test.ts',
    ...TEST_ENV,
  },
  locks: { ...bindings('locks', ['memory', 'sqlite', 'node', 'workerd']), NATS: 'test/nats/locks.test.ts', ...TEST_ENV },
  schedules: { ...bindings('schedules', ['memory', 'sqlite', 'node', 'workerd']), NATS: 'test/nats/schedules.test.ts', ...TEST_ENV },
  queues: {
    memory: 'test/stores/queue-memory.test.ts',
    SQLite: 'test/stores/queue-sqlite.test.ts',
    ...bindings('queue', ['node', 'workerd', 'reference']),
    NATS: 'test/nats/queue.test.ts',
    ...TEST_ENV,
  },
  'queues, by `wasi:messaging`': bindings('messaging', ['node', 'workerd']),
  'R2 buckets': {
    ...bindings('r2', ['memory', 'node', 'workerd', 'reference']),
    SQLite: 'test/bindings/r2-files.test.ts',
    NATS: 'test/nats/objects.test.ts',
    ...TEST_ENV,
  },
  'D1 databases': { ...bindings('d1', ['sqlite', 'node', 'workerd', 'reference']), ...TEST_ENV },
  'rate limits': { ...bindings('ratelimit', ['memory', 'node', 'workerd', 'reference']), ...TEST_ENV },
  'services, by `fetch`': bindings('service', ['node', 'workerd']),
  'services of components': bindings('service-component', ['node', 'workerd']),
  'services, by RPC': { ...bindings('rpc', ['node', 'workerd', 'reference']), ...TEST_ENV },
};

describe('ARCHITECTURE.md', () => {
  const rows = tableUnder('ARCHITECTURE.md', 'Suites of bindings');

  it('says of each suite of bindings what it runs on', () => {
    expect(rows.map(([suite]) => suite)).toEqual(Object.keys(FILES));
    for (const [suite, ...cells] of rows) {
      const said = COLUMNS.filter((_column, index) => cells[index]!.startsWith('yes'));
      expect(said, suite).toEqual(COLUMNS.filter((column) => FILES[suite!]![column] !== undefined));
      for (const file of Object.values(FILES[suite!]!)) expect(existsSync(join(ROOT, file)), file).toBe(true);
    }
  });
});

type Backend = 'memory' | 'sqlite' | 'node' | 'workerd' | 'reference';

function bindings(kind: string, backends: readonly Backend[]): Partial<Record<(typeof COLUMNS)[number], string>> {
  const columns = { memory: 'memory', sqlite: 'SQLite', node: 'Node', workerd: 'workerd', reference: 'Miniflare’s own' } as const;
  return Object.fromEntries(backends.map((backend) => [columns[backend], `test/bindings/${kind}-${backend}.test.ts`]));
}
