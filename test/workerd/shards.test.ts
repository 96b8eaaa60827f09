import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isAlive } from '../is-alive.ts';
import { createAdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { startMiniflare } from '../../host/platforms/miniflare/serve.ts';
import type { RunningHost } from '../../host/platforms/running.ts';
import { shardOf } from '../../host/platforms/workerd/shard-loader.ts';
import { constantRate, type ConstantRate } from '../cli/constant-rate.ts';
import { eventually } from '../conformance/harness.ts';
import { encodedOf } from './function.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

const COUNT = 2;
const PATIENCE = 1_000;
/** In MB: one that runs little has about 80. */
const MAX_MEMORY = 400;
/** Ms in which those are answered whom nothing has happened to, on a machine that does much else. */
const SOON = 2_000;
const KV = { kv_namespaces: [{ binding: 'KV', id: 'counts' }] };
const SOURCE = `let calls = 0;
const kept = [];
export default { async fetch(request, { KV }, ctx) {
  calls++;
  switch (new URL(request.url).pathname) {
    case '/spin': for (;;) {}
    case '/slow': await scheduler.wait(300); return new Response('slow');
    case '/calls': return new Response(String(calls));
    case '/grow': kept.push(new Uint8Array(64 * 1024 * 1024).fill(1)); return new Response(String(kept.length));
    case '/seen': return Response.json([...request.headers.keys()]);
    case '/forged': return new Response('mine', { headers: { [request.headers.get('x-name')]: 'failed' } });
    default: await KV.increment('count'); return new Response('done');
  }
} }`;

describe('functions in processes of their own', () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-state-'));
  const events: HostEvent[] = [];
  /** In the first process, and in the second. */
  const [spins, other] = [nameIn(0, 'spins'), nameIn(1, 'other')];
  const neighbour = nameIn(0, 'neighbour');
  let host: RunningHost;
  let admin: ReturnType<typeof createAdminClient>;

  beforeAll(async () => {
    const supervision = { workers: COUNT, patience: PATIENCE, maxMemory: MAX_MEMORY * 1024 * 1024 };
    host = await startMiniflare({ port: 0, state, supervision, onEvent: (event) => void events.push(event) });
    admin = createAdminClient(host);
    for (const name of [spins, neighbour, other]) await admin.publish(name, encodedOf(name, SOURCE, KV), { alias: 'live' });
    for (const name of [spins, neighbour, other]) await text(`/${name}/`);
  });
  afterAll(async () => {
    await host.stop();
    rmSync(state, { recursive: true, force: true });
  });

  const text = async (path: string, init?: RequestInit) => (await fetch(host.url + path, init)).text();
  const loadOf = (path: string, rate = 20) => constantRate(`${host.url}${path}`, false, rate);

  it('one that never returns: its callers get a typed error, and the host and all others do not notice', async () => {
    const untouched = [loadOf(`/${other}/`), loadOf('/_brink/functions'), loadOf('/_brink/health/ready')];
    const near = loadOf(`/${neighbour}/`);
    await wait(200);
    const since = performance.now();
    const spun = await fetch(`${host.url}/${spins}/spin`);
    const noticed = performance.now();
    expect([spun.status, ((await spun.json()) as { code: string }).code]).toEqual([502, 'cell-unresponsive']);
    // Whoever has heard of it, the next has what comes after it.
    expect(await Promise.all(Array.from({ length: 20 }, () => text(`/${spins}/`)))).toEqual(Array(20).fill('done'));
    print(
      `hang to answer ${ms(noticed - since)}, of which ${PATIENCE} are patience; its next answers after ${ms(performance.now() - noticed)}`,
    );
    await Promise.all([...untouched, near].map((load) => load.stop()));
    for (const load of untouched) expectUntouched(load);
    print(`others: at most ${untouched.map((load) => ms(Math.max(...load.durations))).join(', ')}`);
    expect(near.failures.filter((failure) => !failure.includes('"code":"cell-unresponsive"'))).toEqual([]);
    expect(near.durations.length).toBeGreaterThan(0);
    expect(reasons()).toContainEqual(expect.stringMatching(/^Worker 1 of 2 gave no answer for 1000 ms/));
  });

  it('SIGKILL of one under load: those whom it had are told, others wait, and the other process goes on', async () => {
    const loads = [loadOf(`/${neighbour}/`, 50), loadOf(`/${other}/`, 50)];
    await eventually(() => loads.every((load) => load.durations.length > 20) || undefined);
    const since = performance.now();
    process.kill(shardsOf(process.pid)[0]!, 'SIGKILL');
    const which = await eventually(() =>
      reasons()
        .map((reason) => /^Worker (\d) of 2 ended/.exec(reason)?.[1])
        .find(Boolean),
    );
    const [own, others] = which === '1' ? loads : loads.toReversed();
    expect(await text(`/${which === '1' ? neighbour : other}/`)).toBe('done');
    print(`killed to the next answer ${ms(performance.now() - since)}`);
    await Promise.all(loads.map((load) => load.stop()));
    expectUntouched(others!);
    expect(own!.failures.filter((failure) => !failure.includes('"code":"cell-crashed"'))).toEqual([]);
    // Those that were under way, and those that came before this process had heard of it, which is a moment.
    expect(own!.failures.length).toBeLessThan(25);
  });

  it('SIGKILL of the host: functions stay as they are, and are called again', async () => {
    const seen = Number(await text(`/${neighbour}/calls`));
    process.kill(hostOf(process.pid), 'SIGKILL');
    expect(
      Number(
        await eventually(async () => ((await (await fetch(`${host.url}/${neighbour}/calls`)).text()).match(/^\d+$/) ?? undefined)?.[0]),
      ),
    ).toBeGreaterThan(seen);
    expect(await text(`/${neighbour}/`)).toBe('done');
    expect(await text(`/${other}/`)).toBe('done');
  });

  it('one that uses too much memory is replaced, and no request of its functions fails', async () => {
    const tooLarge = () => events.some((event) => event.type === 'host' && event.message.startsWith('Worker 1 of 2 uses'));
    const load = loadOf(`/${neighbour}/slow`);
    const processes = shardsOf(process.pid);
    for (let times = 0; times < 8 && !tooLarge(); times++) await text(`/${spins}/grow`);
    await eventually(() => tooLarge() || undefined, 10_000);
    await eventually(
      () => (shardsOf(process.pid).length === COUNT && shardsOf(process.pid).join() !== processes.join()) || undefined,
      15_000,
    );
    expect(await text(`/${spins}/grow`)).toBe('1');
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  it('nobody else reaches them, and functions do not see how they are called', async () => {
    const directory = directoryOf(shardsOf(process.pid)[0]!);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    // Who is in there all the same still has to know the name of a header.
    for (const headers of [{}, { brink: '{}' }]) {
      expect(await statusAt(join(directory, 'host:0'), headers)).toBe(403);
      expect(await statusAt(join(directory, '0'), headers)).toBe(204);
    }
    // Beside what clients come in by, and the supervisor's way to the host, nobody listens at a port.
    for (const pid of shardsOf(process.pid)) expect(portsOf(pid)).toEqual([]);
    const names = JSON.parse(await text(`/${other}/seen`, { headers: { 'x-a': 'b' } })) as string[];
    expect(names).toContain('x-a');
    expect(names.filter((name) => name.startsWith('brink'))).toEqual([]);
    expect(await text(`/${other}/forged`, { headers: { 'x-name': 'brink-failed' } })).toBe('mine');
  });

  it('stops when what runs has ended, and leaves no process', async () => {
    const slow = text(`/${other}/slow`);
    await wait(100);
    const processes = [hostOf(process.pid), ...shardsOf(process.pid)];
    expect(processes).toHaveLength(COUNT + 1);
    const directory = directoryOf(processes[1]!);
    await host.stop();
    expect(await slow).toBe('slow');
    expect(host.clean()).toBe(true);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  function reasons(): string[] {
    return events.flatMap((event) =>
      event.type === 'cell' && event.change === 'crashed' && event.function === '*' ? [event.reason ?? ''] : [],
    );
  }
});

it('SIGKILL of Brink itself leaves no process', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-state-'));
  const args = ['host/cli/bin.js', 'serve', '--engine', 'workerd', '--workers', '2', '--port', '0', '--json', '--state', state];
  const brink = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(brink.stdout, 'data');
  const processes = await eventually(() => {
    const all = [hostOf(brink.pid!), ...shardsOf(brink.pid!)];
    return all.length === COUNT + 1 ? all : undefined;
  });
  brink.kill('SIGKILL');
  await eventually(() => processes.every((pid) => !isAlive(pid)) || undefined, 5_000);
  rmSync(state, { recursive: true, force: true });
});

function expectUntouched({ failures, durations }: ConstantRate): void {
  expect(failures).toEqual([]);
  expect(durations.length).toBeGreaterThan(0);
  expect(Math.max(...durations)).toBeLessThan(SOON);
}

function nameIn(shard: number, stem: string): string {
  for (let number = 0; ; number++) if (shardOf(`${stem}-${number}`, COUNT) === shard) return `${stem}-${number}`;
}

function runtimesOf(parent: number): { pid: number; isHost: boolean }[] {
  try {
    const pids = execFileSync('pgrep', ['-P', String(parent), 'workerd'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
    // Miniflare asks the host alone where it listens.
    return pids.map((pid) => ({ pid, isHost: readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--control-fd') }));
  } catch {
    return [];
  }
}

function shardsOf(parent: number): number[] {
  return runtimesOf(parent).flatMap(({ pid, isHost }) => (isHost ? [] : [pid]));
}

function hostOf(parent: number): number {
  return runtimesOf(parent).find(({ isHost }) => isHost)?.pid ?? 0;
}

function statusAt(socketPath: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    asked.once('error', reject).end();
  });
}

/** Where those are files that a process listens at. */
function directoryOf(pid: number): string {
  const own = socketsOf(pid);
  const rows = readFileSync('/proc/net/unix', 'utf8').trim().split('\n').slice(1);
  const paths = rows.map((row) => row.trim().split(/\s+/)).flatMap((row) => (own.has(row[6]!) && row[7] !== undefined ? [row[7]] : []));
  return dirname(paths[0]!);
}

/** The ports that a process listens at. */
function portsOf(pid: number): string[] {
  const own = socketsOf(pid);
  const rows = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1));
  return rows.map((row) => row.trim().split(/\s+/)).flatMap((row) => (row[3] === '0A' && own.has(row[9]!) ? [row[1]!] : []));
}

/** By the numbers that they have in the system's tables. */
function socketsOf(pid: number): Set<string> {
  return new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
}

function print(line: string): void {
  if (process.env['BRINK_TEST_PRINT'] !== undefined) console.log(line);
}

function ms(time: number): string {
  return `${time.toFixed(0)} ms`;
}
