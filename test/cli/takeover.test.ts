import { once } from 'node:events';
import { Agent, createServer, get, request, type IncomingMessage } from 'node:http';
import { createServer as createNetServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { isAlive } from '../is-alive.ts';
import { createAdminClient } from '../../host/admin/client.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { artifactOf, eventually } from '../conformance/harness.ts';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';
import { constantRate } from './constant-rate.ts';

vi.setConfig({ testTimeout: 120_000 });

const folder = temporaryFolder();
const running: Serving[] = [];
afterEach(async () => {
  for (const host of running.splice(0)) await host.stop('SIGKILL');
});
afterAll(() => folder.remove());

async function serve(...args: string[]): Promise<Serving> {
  const host = await serving(['serve', ...args], { cwd: folder.path });
  running.push(host);
  return host;
}

const COUNT = `export default { async fetch(request, { KV }) {
  const { pathname } = new URL(request.url);
  if (pathname === '/count') return new Response(await KV.get('count'));
  await KV.increment('count');
  await new Promise((next) => setTimeout(next, 20));
  return new Response('done');
} }`;

async function publish({ url }: Serving, name: string, source: string): Promise<void> {
  const manifest = { kv_namespaces: [{ binding: 'KV', id: 'counts' }] };
  await createAdminClient({ url, token: null }).publish(name, encodeArtifact(artifactOf(name, { 'index.js': source }, manifest)), {
    alias: 'live',
  });
}

describe('brink serve --takeover', () => {
  it('with the same state: requests at a constant rate are all answered, over three restarts', async () => {
    let host = await serve('--port', '0', '--state', 'state');
    const { port } = new URL(host.url);
    await publish(host, 'count', COUNT);
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const loads = [constantRate(`${host.url}/count/`, false, 25), constantRate(`${host.url}/count/`, agent, 25)];
    await wait(300);
    for (let times = 0; times < 3; times++) {
      const next = await serve('--port', port, '--state', 'state', '--takeover');
      // Without another signal.
      expect(await eventually(() => (!isAlive(host.pid) ? 'gone' : undefined), 30_000)).toBe('gone');
      host = next;
      await wait(200);
    }
    await Promise.all(loads.map((load) => load.stop()));
    agent.destroy();
    const count = Number(await (await fetch(`${host.url}/count/count`)).text());
    const durations = loads.flatMap((load) => load.durations);
    expect(loads.flatMap((load) => load.failures)).toEqual([]);
    expect(durations.length).toBeGreaterThan(50);
    expect(count).toBe(durations.length);
    if (process.env['BRINK_TEST_PRINT'] !== undefined)
      console.log(`${durations.length} requests, the longest took ${Math.max(...durations).toFixed(0)} ms`);
  });

  it('is not ready, and lets requests wait, until the other has finished', async () => {
    const host = await serve('--port', '0', '--state', 'slow');
    await publish(host, 'slow', 'export default { fetch: async (request) => new Response(await request.text() || "done") }');
    // The other is at this one for as long as its body goes on.
    const long = request(`${host.url}/slow/`, { method: 'POST', agent: false });
    long.write('lo');
    await (await fetch(`${host.url}/slow/`)).text();
    const next = serve('--port', new URL(host.url).port, '--state', 'slow', '--takeover');
    const probe = await eventually(async () => {
      // On a connection of its own each time, as only new ones can lead to the other.
      const [response] = (await once(get(`${host.url}/_brink/health/ready`, { agent: false }), 'response')) as [IncomingMessage];
      const text = (await response.toArray()).join('');
      return text.includes('"starting":true') ? ([response.statusCode, JSON.parse(text)] as const) : undefined;
    }, 40_000);
    expect(probe).toEqual([
      503,
      { status: 'not-ready', checks: { starting: true, draining: false, overloaded: false, storeReachable: false } },
    ]);
    const waited = fetch(`${host.url}/slow/`).then((response) => response.text());
    const answer = once(long, 'response') as Promise<[IncomingMessage]>;
    long.end('ng');
    expect((await (await answer)[0].toArray()).join('')).toBe('long');
    expect(await waited).toBe('done');
    await next;
  });

  it('is an ordinary start where nobody listens', async () => {
    const server = createNetServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const host = await serve('--port', String(port), '--state', 'nobody', '--takeover');
    expect((await fetch(`${host.url}/_brink/health`)).status).toBe(200);
  });

  it('is refused where a stranger listens, or a host with another token', async () => {
    const stranger = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const host = await serve('--port', '0', '--state', 'mine');
    for (const port of [String((stranger.address() as AddressInfo).port), new URL(host.url).port]) {
      const { code, stderr } = await brink(['serve', '--port', port, '--state', 'theirs', '--takeover'], { cwd: folder.path });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/port-in-use\): What listens at .+ cannot be taken over/)]);
    }
    stranger.close();
    expect((await fetch(`${host.url}/_brink/health/ready`)).status).toBe(200);
  });
});

it('without --takeover a port is one host’s, though another state could be served', async () => {
  const host = await serve('--port', '0', '--state', 'one');
  const { code, stderr } = await brink(['serve', '--port', new URL(host.url).port, '--state', 'two'], { cwd: folder.path });
  expect([code, stderr]).toEqual([1, expect.stringContaining('port-in-use')]);
});
