import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { artifactOf, eventually } from '../conformance/harness.ts';
import { serving, temporaryFolder, type Serving } from './brink.ts';

const folder = temporaryFolder();
const running: Serving[] = [];
afterEach(async () => {
  for (const host of running.splice(0)) await host.stop('SIGKILL');
});

let states = 0;
async function serve(args: string[] = [], state = `state${states++}`): Promise<Serving & { readonly state: string }> {
  const host = await serving(['serve', '--port', '0', '--state', state, ...args], { cwd: folder.path });
  running.push(host);
  return { ...host, state };
}

async function publish({ url }: Serving, name: string, source: string, manifest: Record<string, unknown> = {}): Promise<void> {
  const bytes = encodeArtifact(artifactOf(name, { 'index.js': source }, manifest));
  await createAdminClient({ url, token: null }).publish(name, bytes, { alias: 'live' });
  await (await fetch(`${url}/${name}/ready`)).text();
}

const COUNT = `export default { async fetch(request, { KV }, ctx) {
  const path = new URL(request.url).pathname;
  if (path === '/ready') return new Response('ready');
  if (path === '/counts') return Response.json(await Promise.all(['begun', 'kept'].map(async (key) => Number(await KV.get(key)))));
  await KV.increment('begun');
  ctx.waitUntil((async () => { await new Promise((next) => setTimeout(next, 60)); await KV.increment('kept'); })());
  await new Promise((next) => setTimeout(next, 30));
  return new Response('done');
} }`;
const KV = { kv_namespaces: [{ binding: 'KV', id: 'counts' }] };

const HANG = "export default { fetch: ({ url }) => url.endsWith('ready') ? new Response() : new Promise(() => {}) }";

/** Waits until a call of the function is in its cell. */
async function callOf({ url }: Serving, name: string): Promise<void> {
  const admin = createAdminClient({ url, token: null });
  await eventually(async () => (await admin.cells(name)).some(({ calls }) => calls > 0) || undefined);
}

interface Load {
  answered: number;
  /** Connections that ended without an answer, after it was asked for on them. */
  lost: number;
  last: IncomingMessage[];
}

/** One client, whose next request follows the answer to the one before, until there is nobody any more. */
async function client(url: string, agent: Agent | undefined, load: Load): Promise<void> {
  for (;;) {
    const request = get(url, agent ? { agent } : { agent: false });
    try {
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      load.last.push(response);
      if ((await response.toArray()).join('') === 'done') load.answered++;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return;
      // A kept connection on which nothing happens may be closed in the moment in which it is used: RFC 9112, section 9.3.1.
      if (!request.reusedSocket) load.lost++;
    }
  }
}

/** Whether it takes no connections any more. */
async function refused({ url }: Serving): Promise<true | undefined> {
  return fetch(`${url}/_brink/health`).then(
    () => undefined,
    () => true as const,
  );
}

describe('SIGTERM', () => {
  it.each(['new connections', 'kept connections'])(
    'under load on %s: all that was begun is answered, and its waitUntil work done',
    async (kind) => {
      const host = await serve(['--drain-timeout', '60']);
      await publish(host, 'count', COUNT, KV);
      const load: Load = { answered: 0, lost: 0, last: [] };
      const agents = Array.from({ length: 8 }, () =>
        kind === 'kept connections' ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined,
      );
      const clients = agents.map((agent) => client(`${host.url}/count/`, agent, load));
      await eventually(() => load.answered > 50 || undefined);
      expect(await host.stop()).toBe(0);
      await Promise.all(clients);
      agents.forEach((agent) => agent?.destroy());
      const again = await serve([], host.state);
      const [begun, kept] = (await (await fetch(`${again.url}/count/counts`)).json()) as [number, number];
      expect({ begun, kept }).toEqual({ begun: load.answered, kept: load.answered });
      if (kind === 'kept connections') {
        expect(load.lost).toBe(0);
        expect(load.last.some(({ headers }) => headers.connection === 'close')).toBe(true);
      }
    },
  );

  it('closes connections on which nothing happens', async () => {
    const host = await serve(['--drain-timeout', '60']);
    const agent = new Agent({ keepAlive: true });
    const [response] = (await once(get(`${host.url}/_brink/health`, { agent }), 'response')) as [IncomingMessage];
    await response.toArray();
    const since = Date.now();
    expect(await host.stop()).toBe(0);
    expect(Date.now() - since).toBeLessThan(30_000);
    agent.destroy();
  });

  it('tells WebSockets that it goes, and their functions', async () => {
    const host = await serve();
    await publish(
      host,
      'socket',
      `export default { fetch(request) {
        if (request.headers.get('upgrade') === null) return new Response();
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener('close', ({ code }) => console.log('closed with ' + code));
        return new Response(null, { status: 101, webSocket: client });
      } }`,
    );
    const socket = new WebSocket(`${host.url.replace('http', 'ws')}/socket/`);
    await once(socket, 'open');
    const closed = once(socket, 'close') as Promise<[CloseEvent]>;
    expect(await host.stop()).toBe(0);
    expect((await closed)[0].code).toBe(1001);
    expect(host.stdout()).toContain('closed with 1001');
  });

  it('is not ready first, and takes connections all the same, for as long as --drain-delay says', async () => {
    const host = await serve(['--drain-delay', '3']);
    const ready = () => fetch(`${host.url}/_brink/health/ready`);
    expect((await ready()).status).toBe(200);
    const stopped = host.stop();
    const response = await eventually(async () => {
      const each = await ready();
      return each.status === 503 ? each : undefined;
    });
    expect(await response.json()).toMatchObject({ status: 'not-ready', checks: { draining: true, storeReachable: true } });
    expect((await fetch(`${host.url}/_brink/health/live`)).status).toBe(200);
    expect(await stopped).toBe(0);
  });

  it('cuts off what takes longer than --drain-timeout, answers it, says how much it was, and ends with 1', async () => {
    const host = await serve(['--drain-timeout', '0.3']);
    await publish(host, 'hang', HANG);
    const answer = fetch(`${host.url}/hang/`);
    await callOf(host, 'hang');
    expect(await host.stop()).toBe(1);
    expect(await (await answer).json()).toMatchObject({ status: 502, code: 'cell-crashed' });
    expect(host.stdout()).toContain('Stopping took more than 0.3 s. Cut off: 1 request, 0 WebSockets, 1 invocation of functions.');
  });

  it('a second time ends it at once', async () => {
    const host = await serve(['--drain-timeout', '60']);
    await publish(host, 'hang', HANG);
    const answer = fetch(`${host.url}/hang/`).catch((error: unknown) => error);
    await callOf(host, 'hang');
    const stopped = host.stop();
    await eventually(() => refused(host));
    // What comes within half a second is taken for the same signal.
    await wait(600);
    const since = Date.now();
    process.kill(host.pid, 'SIGTERM');
    expect(await stopped).toBe(1);
    expect(Date.now() - since).toBeLessThan(30_000);
    expect(await answer).toBeInstanceOf(Error);
  });

  it('hands back what it cuts off of queues and schedules: it is done by the next, and that was no attempt of a message', async () => {
    const source = `export default {
      async fetch(request, { KV, QUEUE, SCHEDULES }) {
        const path = new URL(request.url).pathname;
        if (path === '/begin') {
          await QUEUE.send('hello');
          await SCHEDULES.create({ id: 'once', at: Date.now() });
        }
        const { keys } = await KV.list();
        return Response.json(Object.fromEntries(await Promise.all(keys.map(async ({ name }) => [name, await KV.get(name)]))));
      },
      async queue({ messages }, { KV }) {
        const [{ attempts }] = messages;
        const times = await KV.increment('queue');
        await KV.put('attempts', String(attempts));
        if (times === 1) await new Promise(() => {});
      },
      async scheduled({ attempt }, { KV }) {
        await KV.put('attempt', String(attempt));
        if (attempt === 1) await new Promise(() => {});
      },
    }`;
    const host = await serve(['--drain-timeout', '0.2']);
    await publish(host, 'work', source, {
      ...KV,
      queues: { producers: [{ binding: 'QUEUE', queue: 'jobs' }], consumers: [{ queue: 'jobs', max_batch_timeout: 0 }] },
      schedules: [{ binding: 'SCHEDULES' }],
    });
    const seen = async ({ url }: Serving) => (await (await fetch(`${url}/work/`)).json()) as Record<string, string>;
    await fetch(`${host.url}/work/begin`);
    await eventually(async () => ((await seen(host))['attempt'] === '1' && (await seen(host))['queue'] === '1') || undefined);
    expect(await host.stop()).toBe(1);
    expect(host.stdout()).not.toContain('failed, and is tried again');
    const next = await serve([], host.state);
    await eventually(async () => ((await seen(next))['attempt'] === '2' && (await seen(next))['queue'] === '2') || undefined);
    expect((await seen(next))['attempts']).toBe('1');
    // Where the next had waited for the end of its claim, the run would stand here as `crashed`.
    const admin = createAdminClient({ url: next.url, token: null });
    const runs = await eventually(async () => {
      const all = await admin.runs('work');
      return all.some(({ attempt, outcome }) => attempt === 2 && outcome === 'ok') ? all : undefined;
    });
    expect(runs.map(({ outcome }) => outcome)).not.toContain('crashed');
    expect(await next.stop()).toBe(0);
  });
});
