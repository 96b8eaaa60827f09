import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { startMiniflare } from '../../host/platforms/miniflare/serve.ts';
import type { RunningHost } from '../../host/platforms/running.ts';
import { constantRate } from '../cli/constant-rate.ts';
import { eventually } from '../conformance/harness.ts';
import { encodedOf } from './function.ts';
import { removeFolder } from '../remove-folder.ts';

const PATIENCE = 3_000;
/** In MB: a bare workerd has about 200. */
const MAX_MEMORY = 500;
const KV = { kv_namespaces: [{ binding: 'KV', id: 'counts' }] };
const ONE = { scaling: { max_cells: 1 } };
const COUNT = `export default { async fetch(request, { KV }) {
  const { pathname } = new URL(request.url);
  if (pathname === '/count') return new Response(await KV.get('count'));
  await KV.increment('count');
  return new Response('done');
} }`;
const ECHO = `let slow = 0;
export default { async fetch(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === '/slow-ones') return new Response(String(slow));
  if (pathname === '/slow') {
    slow++;
    await scheduler.wait(Number(searchParams.get('ms') ?? 300));
    return new Response('slow');
  }
  if (request.headers.get('upgrade') === 'websocket') {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener('close', ({ code }) => server.close(code));
    server.addEventListener('message', ({ data }) => server.send('back: ' + data));
    return new Response(null, { status: 101, webSocket: client });
  }
  return Response.json([request.method, request.url, [...request.headers], await request.text()]);
} }`;
const GROW = `const kept = []; export default { fetch() {
  kept.push(new Uint8Array(64 * 1024 * 1024).fill(1));
  return new Response(String(kept.length));
} }`;

describe('workerd behind a supervisor', () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-supervised-'));
  const events: HostEvent[] = [];
  let host: RunningHost;
  beforeAll(async () => {
    const supervision = { patience: PATIENCE, maxMemory: MAX_MEMORY * 1024 * 1024 };
    host = await startMiniflare({ port: 0, state, supervision, onEvent: (event) => void events.push(event) });
    const admin = createAdminClient(host);
    await admin.publish('count', encodedOf('count', COUNT, KV), { alias: 'live' });
    await admin.publish('echo', encodedOf('echo', ECHO, ONE), { alias: 'live' });
    await admin.publish('spin', encodedOf('spin', 'export default { fetch() { for (;;) {} } }'), { alias: 'live' });
    await admin.publish('grow', encodedOf('grow', GROW), { alias: 'live' });
    await text('/count/');
  });
  afterAll(async () => {
    await host.stop();
    removeFolder(state);
  });

  const tooLarge = () => events.some((event) => event.type === 'host' && event.message.includes(`more than ${MAX_MEMORY}`));
  const text = async (path: string, init?: RequestInit) => (await fetch(host.url + path, init)).text();

  it('passes requests on as they are', async () => {
    const url = `${host.url}/echo/a//b%20c?d=e`;
    const body = 'x'.repeat(100_000);
    const [method, seen, headers, got] = (await (await fetch(url, { method: 'PUT', body, headers: { 'X-A': 'b' } })).json()) as [
      string,
      string,
      [string, string][],
      string,
    ];
    expect([method, new URL(seen).pathname, new URL(seen).search, got]).toEqual(['PUT', '/a//b%20c', '?d=e', body]);
    const names = headers.map(([name]) => name);
    expect(names).toContain('x-a');
    expect(names.filter((name) => /forwarded|via|proxy|transfer/.test(name))).toEqual([]);
  });

  it('and WebSockets', async () => {
    const socket = new WebSocket(`${host.url.replace('http', 'ws')}/echo/`);
    await once(socket, 'open');
    const answer = once(socket, 'message') as Promise<[MessageEvent]>;
    socket.send('hello');
    expect((await answer)[0].data).toBe('back: hello');
    socket.close();
    await once(socket, 'close');
  });

  it('a function that never returns: its callers get a typed error, others are served as soon as workerd is there again', async () => {
    const load = constantRate(`${host.url}/count/`, false, 20);
    await eventually(() => load.durations.length > 2 || undefined);
    const since = performance.now();
    const spun = await fetch(`${host.url}/spin/`);
    const noticed = performance.now();
    expect([spun.status, ((await spun.json()) as { code: string }).code]).toEqual([502, 'cell-unresponsive']);
    // Whoever has heard of it, the next has what comes after it.
    expect(await Promise.all(Array.from({ length: 20 }, () => text('/count/')))).toEqual(Array(20).fill('done'));
    print(
      `hang to answer ${ms(noticed - since)}, of which ${PATIENCE} are patience; to the next answer of others ${ms(performance.now() - noticed)}`,
    );
    await load.stop();
    // Those that workerd had as well are told, and those that came later were answered.
    expect(load.failures.filter((failure) => !failure.includes('"code":"cell-unresponsive"'))).toEqual([]);
    expect(load.durations.length).toBeGreaterThan(0);
    expect(events).toContainEqual(expect.objectContaining({ type: 'cell', change: 'crashed', function: '*' }));
  });

  it('SIGKILL of workerd in the middle of load: each is answered, and nothing that was acknowledged is lost', async () => {
    const before = Number(await text('/count/count'));
    const load = constantRate(`${host.url}/count/`, false, 50);
    await eventually(() => load.durations.length > 20 || undefined);
    const since = performance.now();
    kill(runtimeOf());
    await eventually(async () => (await text('/echo/slow')) === 'slow' || undefined);
    print(`killed to the next answer ${ms(performance.now() - since - 300)}`);
    await load.stop();
    expect(load.failures.filter((failure) => !failure.includes('"code":"cell-crashed"'))).toEqual([]);
    const counted = Number(await text('/count/count')) - before;
    expect(counted).toBeGreaterThanOrEqual(load.durations.length);
    expect(counted).toBeLessThanOrEqual(load.durations.length + load.failures.length);
  });

  it('one that uses too much memory is replaced when what it runs has ended, and no request fails', async () => {
    const load = constantRate(`${host.url}/echo/slow`, false, 20);
    const before = runtimeOf();
    for (let times = 0; times < 8 && !tooLarge(); times++) await text('/grow/');
    await eventually(() => tooLarge() || undefined);
    await eventually(() => (runtimeOf() !== before && runtimeOf() !== 0) || undefined);
    expect(await text('/echo/slow')).toBe('slow');
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  it('stops when what runs has ended, and leaves no process', async () => {
    const before = Number(await text('/echo/slow-ones'));
    const slow = text('/echo/slow?ms=1000');
    await eventually(async () => Number(await text('/echo/slow-ones')) > before || undefined);
    const pid = runtimeOf();
    const again = host;
    await again.stop();
    expect(await slow).toBe('slow');
    expect(again.clean()).toBe(true);
    expect(() => process.kill(pid, 0)).toThrow();
    host = await startMiniflare({ port: 0, state, supervision: {} });
    expect(Number(await text('/count/count'))).toBeGreaterThan(0);
  });

  it('one that crashes again and again begins later each time; meanwhile the host is not ready', async () => {
    let paused = 0;
    for (let times = 0; times < 4; times++) {
      const pid = await eventually(() => runtimeOf() || undefined, 20_000);
      await eventually(async () => (await text('/echo/slow')) === 'slow' || undefined, 20_000);
      const since = performance.now();
      kill(pid);
      if (times === 3) {
        const ready = await eventually(async () => {
          const response = await fetch(`${host.url}/_brink/health/ready`);
          return response.status === 503 ? response : undefined;
        });
        expect(await ready.json()).toMatchObject({ status: 'not-ready', checks: { starting: true } });
        expect((await fetch(`${host.url}/_brink/health/live`)).status).toBe(200);
      }
      await eventually(() => (runtimeOf() !== pid && runtimeOf()) || undefined, 20_000);
      paused = performance.now() - since;
    }
    // At once, then after 250, 500 and 1,000 ms.
    expect(paused).toBeGreaterThan(990);
    expect(await text('/count/')).toBe('done');
  });
});

/** The workerd that this process has, or 0. */
function runtimeOf(): number {
  try {
    return Number(
      execFileSync('pgrep', ['-P', String(process.pid), 'workerd'], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .at(-1),
    );
  } catch {
    return 0;
  }
}

function kill(pid: number): void {
  process.kill(pid, 'SIGKILL');
}

function print(text: string): void {
  if (process.env['BRINK_TEST_PRINT'] !== undefined) console.log(text);
}

function ms(time: number): string {
  return `${time.toFixed(0)} ms`;
}
