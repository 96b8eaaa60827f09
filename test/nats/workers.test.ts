import { execFileSync } from 'node:child_process';
import { Agent } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../is-alive.ts';
import { createAdminClient } from '../../host/admin/client.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { brink, start, temporaryFolder, type Serving } from '../cli/brink.ts';
import { constantRate } from '../cli/constant-rate.ts';
import { artifactOf, eventually } from '../conformance/harness.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

describe('brink serve --workers is refused', () => {
  it.each<[string, string[], RegExp]>([
    ['without a state that processes share', ['--workers', '2'], /Give --nats URL \(or BRINK_NATS\), or leave --workers out/],
    ['for no number on workerd', ['--workers', '0', '--engine', 'workerd'], /--workers "0" is not a number from 1 to 64/],
    ['for no number', ['--workers', 'all'], /--workers "all" is not a number from 1 to 64/],
    ['with --takeover', ['--workers', '2', '--nats', 'nats://127.0.0.1:1', '--takeover'], /SIGUSR2/],
  ])('%s', async (_why, args, message) => {
    const { code, stderr } = await brink(['serve', '--port', '0', ...args], { cwd: folder.path });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

onNats('brink serve --workers', () => {
  let server: NatsServer;
  let host: Serving;
  beforeAll(async () => {
    server = await startNatsServer();
    const started = start(['serve', '--port', '0', '--workers', '2', '--nats', server.url], { cwd: folder.path });
    await started.says(/Listening on .+, with 2 workers\n/);
    host = { ...started, url: /Listening on (\S+),/.exec(started.stdout())![1]! };
    const bytes = encodeArtifact(artifactOf('who', { 'index.js': SOURCE }, { kv_namespaces: [{ binding: 'KV', id: 'counts' }] }));
    await createAdminClient({ url: host.url, token: null }).publish('who', bytes, { alias: 'live' });
  });
  afterEach(() => expect(host.stderr()).not.toContain('error ('));
  afterAll(async () => {
    await host.stop('SIGKILL');
    await server.stop();
  });

  const get = (path: string) => fetch(`${host.url}/who/${path}`).then((response) => response.text());

  it('gives requests to all of them', async () => {
    const load = constantRate(`${host.url}/who/`, false, 100);
    // Each has a cell of its own.
    await eventually(
      () =>
        host
          .stdout()
          .split('\n')
          .filter((line) => line.includes('cold)')).length >= 2 || undefined,
      20_000,
    );
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  it('one that is killed takes its own requests with it, and another takes its place', async () => {
    const before = workersOf(host);
    process.kill(before[0]!, 'SIGKILL');
    await host.says(/Worker \d ended with SIGKILL; another begins in 0\.1 s/);
    expect(await get('')).toBe('hello');
    const after = await eventually(() => (workersOf(host).length === 2 ? workersOf(host) : undefined), 20_000);
    expect(after).toContain(before[1]);
    expect(after).not.toContain(before[0]);
  });

  it('SIGUSR2 replaces them one after another, and no request fails', async () => {
    const before = workersOf(host);
    const agent = new Agent({ keepAlive: true, maxSockets: 10 });
    const loads = [constantRate(`${host.url}/who/`, false, 50), constantRate(`${host.url}/who/`, agent, 50)];
    process.kill(host.pid, 'SIGUSR2');
    await host.says(/2 workers have been replaced/);
    await Promise.all(loads.map((load) => load.stop()));
    agent.destroy();
    expect(loads.flatMap((load) => load.failures)).toEqual([]);
    expect(loads.flatMap((load) => load.durations).length).toBeGreaterThan(50);
    expect(workersOf(host).filter((pid) => before.includes(pid))).toEqual([]);
  });

  it('SIGTERM lets all of them finish, and lines of the log keep whole', async () => {
    const slow = get('slow');
    await eventually(async () => (await get('begun')) === '1' || undefined);
    const children = workersOf(host);
    expect(await host.stop()).toBe(0);
    expect(await slow).toBe('slow');
    expect(children.filter(isAlive)).toEqual([]);
    expect(
      host
        .stdout()
        .split('\n')
        .filter((line) => line !== '' && !/^(\S+Z |\d\d:|FUNCTION|who|Listening)/.test(line)),
    ).toEqual([]);
  });
});

const SOURCE = `export default { async fetch(request, { KV }) {
  const { pathname } = new URL(request.url);
  if (pathname === '/begun') return new Response(await KV.get('begun'));
  if (pathname === '/slow') {
    await KV.put('begun', '1');
    await new Promise((next) => setTimeout(next, 500));
    return new Response('slow');
  }
  return new Response('hello');
} }`;

/** Process ids of those that run now. */
function workersOf({ pid }: Serving): number[] {
  try {
    const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    return children.filter((line) => line.includes('serve')).map((line) => Number(line.trim().split(' ')[0]));
  } catch {
    return [];
  }
}
