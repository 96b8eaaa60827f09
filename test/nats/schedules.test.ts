import { afterAll, beforeAll, expect, it } from 'vitest';
import { nuid } from '@nats-io/nats-core';
import { schedulesIn } from '../bindings/schedules-on.ts';
import { schedulesSuite } from '../bindings/schedules-suite.ts';
import { openNode } from '../conformance/harness-node.ts';
import { eventually } from '../conformance/harness.ts';
import { serveOn, type ServingHost } from './host.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

const SOURCE = `export default {
  async scheduled({ id, attempt }, { KV }) {
    await KV.increment('ran/' + id);
    // Its host is killed meanwhile.
    if (id === 'long' && attempt === 1) await new Promise(() => {});
  },
  async fetch(request, { SCHEDULES, KV }) {
    const { searchParams } = new URL(request.url);
    if (searchParams.has('id')) {
      await SCHEDULES.create({ id: searchParams.get('id'), at: Number(searchParams.get('at')) });
      return new Response();
    }
    const { keys } = await KV.list({ prefix: 'ran/' });
    const times = await Promise.all(keys.map(async ({ name }) => [name.slice(4), Number(await KV.get(name))]));
    return Response.json(Object.fromEntries(times));
  },
}`;

onNats('schedules of two hosts on one NATS', () => {
  let server: NatsServer;
  let hosts: ServingHost[];
  beforeAll(async () => {
    server = await startNatsServer();
    hosts = await Promise.all([serveOn(server.url), serveOn(server.url)]);
    const manifest = { schedules: [{ binding: 'SCHEDULES' }], kv_namespaces: [{ binding: 'KV', id: 'ran' }] };
    await hosts[0]!.publish('timed', SOURCE, { alias: 'live', manifest });
  });
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await server.stop();
  });

  const create = (host: ServingHost, id: string, at: number) => fetch(`${host.url}/timed/?id=${id}&at=${at}`);
  const ran = async (host: ServingHost) => JSON.parse(await host.text('/timed/')) as Record<string, number>;

  it('a due time fires once, whichever host was asked', async () => {
    const at = Date.now() + 2_000;
    const ids = Array.from({ length: 30 }, (_, index) => `s${index}`);
    await Promise.all(ids.map((id, index) => create(hosts[index % 2]!, id, at + (index % 5) * 50)));
    const all = Object.fromEntries(ids.map((id) => [id, 1]));
    await eventually(async () => Object.keys(await ran(hosts[0]!)).length === ids.length || undefined, 20_000);
    // Two look at each due time: what one has begun the other would have by now.
    await eventually(async () => (await hosts[1]!.text('/timed/')) !== '' || undefined);
    expect(await ran(hosts[1]!)).toEqual(all);
  });

  it('where the host that runs one is killed, the other runs it again', async () => {
    const [a, b] = hosts as [ServingHost, ServingHost];
    await create(a, 'long', Date.now());
    await eventually(async () => (await ran(b))['long'] === 1 || undefined);
    await a.stop('SIGKILL');
    await eventually(async () => (await ran(b))['long'] === 2 || undefined, 40_000);
  });
});

onNats('schedules on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  schedulesSuite('a cell on Node, with state in NATS', async () =>
    schedulesIn(await openNode({ nats: { url: server.url, prefix: nuid.next() } })),
  );
});
