import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { D1Change, KVChange } from '../../sdk/changes.ts';
import { eventually, freshName, publish, type OpenHost, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';

/** Does with its namespace and its database what it is told, in that order. */
const WRITER = `export default { async fetch(request, { KV, DB }) {
  const done = [];
  for (const [what, ...args] of await request.json()) {
    if (what === 'sql') done.push((await DB.batch(args.map((sql) => DB.prepare(sql)))).map(({ meta, results }) => [meta.changes, results]));
    else if (what === 'exec') done.push(await DB.exec(args[0]).then(({ count }) => count, (error) => error.message));
    else done.push((await KV[what](...args)) ?? null);
  }
  return Response.json(done);
} }`;

/** Logs what it is told, and where it came. */
const TELLER = `export default { queue({ queue, messages }) {
  for (const { body } of messages) console.log(JSON.stringify([queue, body]));
} }`;

/** Refuses two batches. */
const FLAKY = `let seen = 0;
export default { queue({ queue, messages }) {
  if (seen++ < 2) throw new Error('not yet');
  for (const { body } of messages) console.log(JSON.stringify([queue, body]));
} }`;

/** What changes in a namespace or a database is told to a queue. */
export function changesSuite(open: OpenHost): void {
  describe('changes of keys and rows', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const consuming = (...queues: readonly string[]) => ({
      queues: { consumers: queues.map((queue) => ({ queue, max_batch_timeout: 0, retry_delay: 0, max_retries: 10 })) },
    });
    const toldTo = <Change>(name: string) =>
      host.events.flatMap((each) =>
        each.type === 'console' && each.function === name ? [JSON.parse(each.message) as [queue: string, Change]] : [],
      );
    const toldOf = <Change>(name: string, count: number) =>
      eventually(() => (toldTo<Change>(name).length >= count ? toldTo<Change>(name) : undefined));
    const writing = async (url: string, ...steps: readonly (readonly unknown[])[]) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(steps) });
      expect(response.status, await response.clone().text()).toBe(200);
      return (await response.json()) as unknown[];
    };

    it('puts, increments and deletes of keys come to whom they concern, in their order, and nothing else does', async () => {
      const id = freshName();
      const [all, users] = [`${id}-all`, `${id}-users`];
      const teller = await publish(host, TELLER, { alias: 'live', manifest: consuming(all, users) });
      const notifications = [{ queue: all, values: true }, { queue: users, event_type: ['put', 'delete'], prefix: 'user/' }]; // prettier-ignore
      const { url } = await publish(host, WRITER, { alias: 'live', manifest: { kv_namespaces: [{ binding: 'KV', id, notifications }] } });
      const [revision] = await writing(
        url,
        ['put', 'user/1', 'ann', { metadata: { a: 1 } }],
        ['increment', 'n', 5],
        ['increment', 'n', 2],
        ['delete', 'user/none'],
        ['delete', 'user/1', { fence: 3 }],
        ['delete', 'user/1', { fence: 4 }],
        ['put', 'user/1', 'é', { fence: 5 }],
      );
      expect(revision).toBe(null);
      const told = await toldOf<KVChange>(teller.name, 8);
      const at = (queue: string) => told.filter(([own]) => own === queue).map(([, change]) => change);
      const of = (changes: readonly KVChange[], key: string) => changes.filter((each) => each.key === key);
      expect(of(at(all), 'user/1')).toEqual([
        { namespace: id, key: 'user/1', operation: 'put', revision: expect.any(Number), time: expect.any(String), size: 3, value: 'ann', metadata: { a: 1 } }, // prettier-ignore
        { namespace: id, key: 'user/1', operation: 'delete', revision: expect.any(Number), time: expect.any(String), fence: 3 },
        { namespace: id, key: 'user/1', operation: 'put', revision: expect.any(Number), time: expect.any(String), size: 2, value: 'é', fence: 5 }, // prettier-ignore
      ]);
      expect(of(at(all), 'n').map(({ operation, value }) => [operation, value])).toEqual([['increment', '5'], ['increment', '7']]); // prettier-ignore
      expect(at(users).map(({ operation, key, value }) => [operation, key, value])).toEqual([
        ['put', 'user/1', undefined],
        ['delete', 'user/1', undefined],
        ['put', 'user/1', undefined],
      ]);
      for (const key of ['user/1', 'n']) {
        const revisions = of(at(all), key).map((each) => each.revision);
        expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      }
      expect(told).toHaveLength(8);
      expect((await host.admin.queues()).map(({ queue }) => queue)).toEqual(expect.arrayContaining([all, users]));
    });

    it('rows that are inserted, updated and deleted come in their order, of the tables that are asked for', async () => {
      const id = freshName();
      const queue = `${id}-rows`;
      const teller = await publish(host, TELLER, { alias: 'live', manifest: consuming(queue) });
      const database = { binding: 'DB', database_id: id, notifications: [{ queue, tables: ['users'] }] };
      const { url } = await publish(host, WRITER, { alias: 'live', manifest: { d1_databases: [database] } });
      const [, counts, refused] = await writing(
        url,
        ['exec', 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, photo BLOB)\nCREATE TABLE other (id INTEGER PRIMARY KEY)'],
        ['sql', "INSERT INTO users (name) VALUES ('ann'), ('bob')", "UPDATE users SET photo = x'00ff'", 'INSERT INTO other VALUES (1)'],
        ['exec', 'DELETE FROM __brink_outbox'],
        ['sql', "REPLACE INTO users (id, name) VALUES (9, 'ann')", 'ALTER TABLE users DROP COLUMN photo', 'DELETE FROM users WHERE id = 2'],
      );
      expect((counts as [number, unknown][]).map(([changes]) => changes)).toEqual([2, 2, 1]);
      expect(refused).toContain('__brink_');
      const told = (await toldOf<D1Change>(teller.name, 7)).map(([, change]) => change);
      // Of two rows there is no order: their batches may be under way together.
      const byRow = told.toSorted((x, y) => Number(x.key['id']) - Number(y.key['id']));
      expect(byRow.map(({ operation, key, old, new: after }) => [operation, key['id'], old ?? null, after ?? null])).toEqual([
        ['insert', 1, null, { id: 1, name: 'ann', photo: null }],
        ['update', 1, { id: 1, name: 'ann', photo: null }, { id: 1, name: 'ann', photo: { base64: 'AP8=' } }],
        ['delete', 1, { id: 1, name: 'ann', photo: { base64: 'AP8=' } }, null],
        ['insert', 2, null, { id: 2, name: 'bob', photo: null }],
        ['update', 2, { id: 2, name: 'bob', photo: null }, { id: 2, name: 'bob', photo: { base64: 'AP8=' } }],
        ['delete', 2, { id: 2, name: 'bob' }, null],
        ['insert', 9, null, { id: 9, name: 'ann', photo: null }],
      ]);
      expect(told.every((each) => each.database === id && each.table === 'users')).toBe(true);
      await host.admin.query({ id }, [{ sql: "UPDATE users SET name = 'by hand'" }]);
      expect((await toldOf<D1Change>(teller.name, 8)).at(-1)![1]).toMatchObject({ operation: 'update', new: { name: 'by hand' } });
    });

    it('a key that has an expiry, and is put again or deleted before, is told of as such alone', async () => {
      const id = freshName();
      const queue = `${id}-expired`;
      const teller = await publish(host, TELLER, { alias: 'live', manifest: consuming(queue) });
      const namespace = { binding: 'KV', id, notifications: [{ queue, event_type: ['expire', 'delete'] }] };
      const { url } = await publish(host, WRITER, { alias: 'live', manifest: { kv_namespaces: [namespace] } });
      const soon = Math.ceil(Date.now() / 1000) + 61;
      await writing(
        url,
        ['put', 'a', '1', { expiration: soon }],
        ['put', 'b', '2', { expiration: soon }],
        ['delete', 'b'],
        ['put', 'c', '3'],
      );
      const told = (await toldOf<KVChange>(teller.name, 1)).map(([, change]) => `${change.operation} ${change.key}`);
      expect(told).toEqual(['delete b']);
    });

    it('a rule is its namespace’s: what others write there is told too, from when it comes until it is gone', async () => {
      const id = freshName();
      const queue = `${id}-changes`;
      const teller = await publish(host, TELLER, { alias: 'live', manifest: consuming(queue) });
      const bindings = (...notifications: readonly object[]) => ({
        kv_namespaces: [{ binding: 'KV', id, ...(notifications.length > 0 && { notifications }) }],
      });
      const { url } = await publish(host, WRITER, { alias: 'live', manifest: bindings() });
      await writing(url, ['put', 'zero', '']);
      const owner = await publish(host, WRITER, { alias: 'live', manifest: bindings({ queue }) });
      const wait = () => new Promise((resolve) => setTimeout(resolve, 1_100));
      await wait();
      await writing(url, ['put', 'one', '']);
      await publish(host, `${WRITER}//2`, { name: owner.name, alias: 'live', manifest: bindings({ queue, prefix: 't' }) });
      await wait();
      await writing(url, ['put', 'one', ''], ['put', 'two', '']);
      await publish(host, `${WRITER}//3`, { name: owner.name, alias: 'live', manifest: bindings() });
      await wait();
      await writing(url, ['put', 'three', '']);
      await host.admin.rollback(owner.name, 'live');
      await wait();
      await writing(url, ['put', 'ten', '']);
      expect((await toldOf<KVChange>(teller.name, 3)).map(([, { key }]) => key)).toEqual(['one', 'two', 'ten']);
    });

    it('a component gets them as well', async () => {
      const id = freshName();
      const [queue, out] = [`${id}-changes`, `${id}-out`];
      const teller = await publish(host, TELLER, { alias: 'live', manifest: consuming(out) });
      const guest = new Uint8Array(readFileSync(new URL('../component/guests/p2-events.wasm', import.meta.url)));
      const queues = `producers = [{ binding = "OUT", queue = "${out}" }]\nconsumers = [{ queue = "${queue}", max_batch_timeout = 0 }]`;
      await publishComponent(host, guest, `locks = [{ binding = "LOCKS" }]\n[queues]\n${queues}\n`);
      const namespace = { binding: 'KV', id, notifications: [{ queue, values: true }] };
      const { url } = await publish(host, WRITER, { alias: 'live', manifest: { kv_namespaces: [namespace] } });
      await writing(url, ['put', 'a', '1']);
      // It sends a copy on, and what it knows of the message.
      const copies = (await toldOf<KVChange>(teller.name, 2)).map(([, body]) => body).filter((body) => typeof body === 'object');
      expect(copies).toEqual([expect.objectContaining({ namespace: id, key: 'a', operation: 'put', value: '1' })]);
    });

    it('a consumer that fails gets what it has not taken again, in the order of each key', async () => {
      const id = freshName();
      const queue = `${id}-flaky`;
      const teller = await publish(host, FLAKY, { alias: 'live', manifest: { ...consuming(queue), scaling: { max_cells: 1 } } });
      const { url } = await publish(host, WRITER, {
        alias: 'live',
        manifest: { kv_namespaces: [{ binding: 'KV', id, notifications: [{ queue, values: true }] }] },
      });
      for (let round = 0; round < 5; round++) await writing(url, ...['a', 'b', 'c'].map((key) => ['put', key, String(round)]));
      const told = (await toldOf<KVChange>(teller.name, 15)).map(([, change]) => change);
      for (const key of ['a', 'b', 'c'])
        expect(told.filter((each) => each.key === key).map(({ value }) => value)).toEqual(['0', '1', '2', '3', '4']);
    });
  });
}
