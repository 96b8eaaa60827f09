import { expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { kvOn } from './kv.ts';
import { checkHistory } from '../linearizable.ts';
import { linearSuite, number, type NumberInput, type NumberOutput } from './linear-suite.ts';

linearSuite('memory', async () => {
  const store = createMemoryStore(Date.now);
  return { clients: [1, 2, 3].map(() => kvOn(store, Date.now)), close() {} };
});

linearSuite('sqlite', async () => {
  const sql = openSql(':memory:');
  const store = createSqlStore(sql, Date.now, 'binding');
  return { clients: [1, 2, 3].map(() => kvOn(store, Date.now)), close: () => sql.close() };
});

it('what nobody knows may have been done once, or not', () => {
  const operation = (input: NumberInput, output: NumberOutput | undefined, called: number) => ({
    input,
    output,
    called,
    returned: output === undefined ? Infinity : called + 0.5,
  });
  const with1 = (value: number) => [
    operation({ do: 'increment', by: 1 }, 1, 1),
    operation({ do: 'increment', by: 10 }, undefined, 2),
    operation({ do: 'get' }, { value, revision: 5 }, 3),
  ];
  const linearizable = (history: ReturnType<typeof with1>) => checkHistory(history, number).linearizable;
  expect([1, 11, 10, 21, 0].map((value) => linearizable(with1(value)))).toEqual([true, true, false, false, false]);
  const swapped = (value: number, ifRevision: number) => [
    operation({ do: 'swap', ifRevision: 0, value: 7 }, 3, 1),
    operation({ do: 'swap', ifRevision, value: 8 }, undefined, 2),
    operation({ do: 'get' }, { value, revision: value === 7 ? 3 : 4 }, 3),
  ];
  expect([swapped(7, 3), swapped(8, 3), swapped(8, 2), swapped(9, 3)].map(linearizable)).toEqual([true, true, false, false]);
});
