import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { CellEvent, InvocationEvent } from '../../host/observe/events.ts';
import type { PoolSettings } from '../../host/platforms/pool-settings.ts';
import { openNode } from '../conformance/harness-node.ts';
import { eventually, publish, type TestHost } from '../conformance/harness.ts';

const MIB = 1024 ** 2;

/** Which thread answers, and after how long: `/?ms=`. `/spin?ms=` keeps its thread busy. */
const CELL = `const own = crypto.randomUUID();
export default { async fetch(request) { const { pathname, searchParams } = new URL(request.url); const ms = Number(searchParams.get('ms') ?? 0);
  if (pathname === '/spin') { const end = performance.now() + ms; while (performance.now() < end); }
  else if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  return new Response(own) },
  scheduled() {} }`;

describe('the pool of a host on Node', () => {
  let host: TestHost | undefined;
  afterEach(async () => {
    await host?.stop();
    host = undefined;
  });
  const open = async (pool: PoolSettings = {}) => (host = await openNode({ pool }));
  const cellEvents = (name: string, change: CellEvent['change']) =>
    host!.events.filter((event): event is CellEvent => event.type === 'cell' && event.function === name && event.change === change);
  const texts = (url: string, count: number) =>
    Promise.all(Array.from({ length: count }, async () => (await fetch(url)).text())); // prettier-ignore

  it('slow calls at once get more cells, which share them, and go when nobody calls', async () => {
    const { admin } = await open();
    const { name, url } = await publish(host!, CELL, { manifest: { scaling: { concurrency: 2, max_cells: 3, idle_ms: 3_000 } } });
    const own = new Set(await texts(`${url}?ms=1000`, 12));
    expect(own.size).toBe(3);
    expect(await admin.cells(name)).toMatchObject([
      { function: name, version: 1, class: 'shared', ready: 3, calls: 0, waiting: 0, shed: 0 },
    ]);
    await eventually(async () => ((await admin.cells(name)).length === 0 ? true : undefined));
    expect(new Set(cellEvents(name, 'stopped').map(({ reason }) => reason))).toEqual(new Set(['idle']));
    expect(await (await fetch(url)).text()).not.toBe('');
  });

  it('calls whose handlers never end take no place once their time is up, and too many of them have the cell replaced', async () => {
    const { admin } = await open();
    const hang = `export default { fetch: (request) => request.url.endsWith('hang') ? new Promise(() => {}) : new Response('well') }`;
    const rule = { match: { path: '/hang' }, limits: { deadline: '200ms' } };
    const manifest = { gateway: [rule], scaling: { concurrency: 64, max_cells: 1 } };
    const { name, url } = await publish(host!, hang, { manifest });
    for (let round = 0; round < 5; round++) {
      const statuses = await Promise.all(Array.from({ length: 64 }, async () => (await fetch(`${url}hang`)).status));
      expect(new Set(statuses)).toEqual(new Set([504]));
      expect((await admin.cells(name))[0]?.calls ?? 0).toBe(0);
      expect((await fetch(url)).status).toBe(200);
    }
    expect(cellEvents(name, 'started').length).toBeGreaterThan(1);
  });

  it('a cell with an open WebSocket is not idle', async () => {
    const { admin } = await open();
    const echo = `export default { fetch() { const [client, server] = Object.values(new WebSocketPair()); server.accept();
      server.addEventListener('message', ({ data }) => server.send(data)); return new Response(null, { status: 101, webSocket: client }) } }`;
    const { name, url } = await publish(host!, echo, { manifest: { scaling: { idle_ms: 1_000 } } });
    const socket = new WebSocket(url.replace('http', 'ws'));
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    await eventually(async () => ((await admin.cells(name))[0]?.calls === 0 ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const answer = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)));
    socket.send('still there');
    expect(await answer).toBe('still there');
    socket.close();
    await eventually(async () => ((await admin.cells(name)).length === 0 ? true : undefined));
  });

  it('an alias keeps cells warm, and more of them by weight; a restart starts them again', async () => {
    const { admin } = await open();
    const { name } = await publish(host!, CELL, { manifest: { scaling: { max_cells: 8 } } });
    const ready = async () => (await admin.cells(name)).map((each) => [each.version, each.ready]);
    await admin.moveAlias(name, 'live', { versions: [{ version: 1, weight: 100 }], warm: 2 });
    await eventually(async () => ((await ready())[0]?.[1] === 2 ? true : undefined));
    await publish(host!, `${CELL}//`, { name, manifest: { scaling: { max_cells: 8 } } });
    const both = { versions: [{ version: 1, weight: 50 }, { version: 2, weight: 50 }], warm: 4 }; // prettier-ignore
    expect(await admin.moveAlias(name, 'live', both)).toMatchObject({ warm: 4 });
    await eventually(async () => (JSON.stringify(await ready()) === '[[1,2],[2,2]]' ? true : undefined));
    expect(await admin.rollback(name, 'live')).toMatchObject({ warm: 4 });
    expect(await admin.functions()).toMatchObject([{ name, warm: { live: 4 } }]);
    expect(await admin.moveAlias(name, 'live', { versions: [{ version: 2, weight: 100 }], warm: 0 })).toMatchObject({ warm: 0 });
  });

  it('min_cells of a version are there while an alias names it', async () => {
    const { admin } = await open();
    const { name } = await publish(host!, CELL, { manifest: { scaling: { min_cells: 2 } } });
    await eventually(async () => ((await admin.cells(name))[0]?.ready === 2 ? true : undefined));
    await admin.removeAlias(name, 'live');
    await eventually(async () => ((await admin.cells(name)).length === 0 ? true : undefined));
  });

  it('a version that takes calls over has started before: no call of it is cold', async () => {
    const { admin } = await open();
    const { name, url } = await publish(host!, CELL);
    await fetch(url);
    await publish(host!, `${CELL}//`, { name, alias: 'live' });
    expect(await admin.cells(name)).toMatchObject([{ version: 1 }, { version: 2, ready: 1, calls: 0 }]);
    await (await fetch(url)).text();
    const calls = () => host!.events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === name);
    await eventually(() => calls().length === 2 || undefined);
    expect(calls().map(({ version, cold }) => [version, cold])).toEqual([[1, true], [2, false]]); // prettier-ignore
  });

  it('a schedule that is due finds its cell there', async () => {
    await open();
    const { name } = await publish(host!, CELL, { manifest: { schedules: [{ name: 'soon', every: '6s' }] } });
    const runs = () => host!.events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === name);
    expect((await eventually(() => runs()[0])).cold).toBe(false);
  });

  it('one function at full load leaves another its time: a quiet one keeps its latency', async () => {
    await open({ calls: 40 });
    const hot = await publish(host!, CELL, { manifest: { scaling: { max_cells: 2, queue: 1_000 } } });
    const quiet = await publish(host!, CELL);
    const measure = async () => {
      const times: number[] = [];
      for (let index = 0; index < 30; index++) {
        const start = performance.now();
        expect((await fetch(quiet.url)).status).toBe(200);
        times.push(performance.now() - start);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return times.toSorted((a, b) => a - b)[15]!;
    };
    await measure();
    let over = false;
    onTestFinished(() => void (over = true));
    let most = 0;
    const load = Array.from({ length: 100 }, async () => {
      while (!over) await (await fetch(`${hot.url}?ms=2000`)).text();
    });
    await eventually(async () => ((await host!.admin.cells(hot.name))[0]?.calls ?? 0) > 20 || undefined);
    const watch = setInterval(() => {
      void host!.admin.cells(hot.name).then(([view]) => (most = Math.max(most, view?.calls ?? 0)));
    }, 50);
    const beside = await measure();
    clearInterval(watch);
    over = true;
    await Promise.all(load);
    // The hot one has all places but those that are left to others, and more wait than the host has.
    expect(most).toBeGreaterThan(20);
    expect(most).toBeLessThanOrEqual(36);
    // Behind the 64 that wait for the hot one it would take 2 s and more.
    expect(beside).toBeLessThan(1_000);
  });

  it('a client that leaves its place in the line is not called any more', async () => {
    await open();
    const { name, url } = await publish(host!, CELL, { manifest: { scaling: { concurrency: 1, max_cells: 1 } } });
    const first = fetch(`${url}?ms=3000`);
    await eventually(async () => ((await host!.admin.cells(name))[0]?.calls === 1 ? true : undefined));
    const leaving = new AbortController();
    const second = fetch(url, { signal: leaving.signal }).catch(() => null);
    await eventually(async () => ((await host!.admin.cells(name))[0]?.waiting === 1 ? true : undefined));
    leaving.abort();
    await second;
    await eventually(async () => ((await host!.admin.cells(name))[0]?.waiting === 0 ? true : undefined));
    expect((await first).status).toBe(200);
  });

  it('open WebSockets are not calls under way', async () => {
    await open();
    const source = `export default { fetch(request) { if (request.headers.get('upgrade') !== 'websocket') return new Response('plain');
      const [client, server] = Object.values(new WebSocketPair()); server.accept(); server.addEventListener('message', ({ data }) => server.send(data));
      return new Response(null, { status: 101, webSocket: client }) } }`;
    const { name, url } = await publish(host!, source, { manifest: { scaling: { concurrency: 1, max_cells: 1, queue: 0 } } });
    const sockets = [];
    for (let index = 0; index < 5; index++) {
      const socket = new WebSocket(url.replace('http', 'ws'));
      await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
      sockets.push(socket);
    }
    expect(await (await fetch(url)).text()).toBe('plain');
    expect(await host!.admin.cells(name)).toMatchObject([{ ready: 1, calls: 0 }]);
    for (const socket of sockets) socket.close();
  });

  it('a class has its part of the memory: what finds none is refused with its name, or makes idle ones go', async () => {
    await open({ memory: 2_000 * MIB, classes: { batch: 20 * MIB } });
    const batch = (more: Record<string, unknown> = {}) =>
      publish(host!, CELL, { manifest: { scaling: { class: 'batch', queue_ms: 300, ...more } } });
    const [first, second] = [await batch(), await batch()];
    const busy = fetch(`${first.url}?ms=4000`);
    await eventually(async () => ((await host!.admin.cells(first.name))[0]?.calls === 1 ? true : undefined));
    const refused = await fetch(second.url);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'overloaded', budget: 'memory', class: 'batch' });
    await busy;
    expect((await fetch(second.url)).status).toBe(200);
    expect(cellEvents(first.name, 'evicted')).toMatchObject([{ reason: 'the cells of its class have all of their memory' }]);
  });

  it('a version that asks for a class that the host does not have takes over nothing', async () => {
    await open();
    await expect(publish(host!, CELL, { manifest: { scaling: { class: 'gpu' } } })).rejects.toMatchObject({ code: 'unsupported' });
    const { name } = await publish(host!, CELL);
    const other = publish(host!, CELL, { name, alias: 'live', manifest: { scaling: { class: 'gpu' } } });
    await expect(other).rejects.toMatchObject({ code: 'unsupported', details: { class: 'gpu' } });
  });
});
