import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../conformance/harness.ts';
import { serveOn, type ServingHost } from './host.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

/** Each part hangs the first time; what is said of it afterwards is who had it then. */
const SOURCE = `export default {
  async fetch(request, { KV, QUEUE, SCHEDULES, LOCKS }) {
    const { pathname } = new URL(request.url);
    if (pathname === '/lock') return LOCKS.request('one', async ({ fence }) => {
      const times = await KV.increment('lock');
      if (times === 1) await new Promise(() => {});
      return new Response(String(times));
    });
    if (pathname === '/begin') {
      await QUEUE.send('hello');
      await SCHEDULES.create({ id: 'once', at: Date.now() });
    }
    const { keys } = await KV.list();
    return Response.json(Object.fromEntries(await Promise.all(keys.map(async ({ name }) => [name, await KV.get(name)]))));
  },
  async queue({ messages }, { KV }) {
    const times = await KV.increment('queue');
    await KV.put('attempts', String(messages[0].attempts));
    if (times === 1) await new Promise(() => {});
  },
  async scheduled({ attempt }, { KV }) {
    await KV.put('attempt', String(attempt));
    if (attempt === 1) await new Promise(() => {});
  },
}`;

onNats('a host that drains, beside another on one NATS', () => {
  let server: NatsServer;
  let hosts: [ServingHost, ServingHost];
  beforeAll(async () => {
    server = await startNatsServer();
    hosts = [await serveOn(server.url, { args: ['--drain-timeout', '0.3'] }), await serveOn(server.url)];
    await hosts[0].publish('work', SOURCE, {
      alias: 'live',
      manifest: {
        kv_namespaces: [{ binding: 'KV', id: 'seen' }],
        locks: [{ binding: 'LOCKS', id: 'locks' }],
        schedules: [{ binding: 'SCHEDULES' }],
        queues: { producers: [{ binding: 'QUEUE', queue: 'jobs' }], consumers: [{ queue: 'jobs', max_batch_timeout: 0 }] },
      },
    });
  });
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop('SIGKILL')));
    await server.stop();
  });

  const seen = async () => JSON.parse(await hosts[1].text('/work/')) as Record<string, string>;

  it('gives up the locks, messages and due times of what it cuts off, and nobody waits for their leases to end', async () => {
    const cut = hosts[0].text('/work/lock');
    await hosts[0].text('/work/begin');
    await eventually(async () => {
      const { lock, queue, attempt } = await seen();
      return (lock === '1' && queue === '1' && attempt === '1') || undefined;
    }, 20_000);
    const waiting = hosts[1].text('/work/lock');
    expect(await hosts[0].stop()).toBe(1);
    const since = performance.now();
    expect(JSON.parse(await cut)).toMatchObject({ code: 'cell-crashed' });
    // It would be held for half a minute.
    expect(await waiting).toBe('2');
    expect(performance.now() - since).toBeLessThan(15_000);
    // Their leases hold for a minute, and for ten seconds; the other looks every ten seconds.
    await eventually(async () => ((await seen())['queue'] === '2' && (await seen())['attempt'] === '2') || undefined, 20_000);
    expect((await seen())['attempts']).toBe('1');
  });
});
