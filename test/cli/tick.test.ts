import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brink, serving, start, temporaryFolder, type Serving } from './brink.ts';

const HOUR = 3_600_000;
const SOURCE = `
  type Did = [what: string, at: number, clock: number];
  const did: Did[] = [];
  const note = (what: string, at: number) => void did.push([what, at, Date.now()]);

  export default {
    scheduled({ cron, scheduledTime, payload }: { cron: string; scheduledTime: number; payload?: string }) {
      note(payload ?? cron, scheduledTime);
    },
    async queue({ messages }: { messages: { body: string; attempts: number; retry(options: object): void }[] }) {
      for (const message of messages) {
        note(message.body + ' ' + message.attempts, Date.now());
        if (message.attempts < 2) message.retry({ delaySeconds: 600 });
      }
    },
    async fetch(request: Request, { S, Q, KV }: any) {
      const { pathname } = new URL(request.url);
      if (pathname === '/did') return Response.json(did.splice(0));
      if (pathname === '/kv') return Response.json([await KV.get('short'), await KV.get('long'), Date.now(), new Date().getTime()]);
      await S.create({ at: Date.now() + 15 * 60_000, payload: 'a quarter' });
      await Q.send('message', { delaySeconds: 1_800 });
      await KV.put('short', 'there', { expirationTtl: 1_800 });
      await KV.put('long', 'there', { expirationTtl: 7_200 });
      return Response.json(Date.now());
    },
  };`;
const CONFIG = `
  name = "clock"
  main = "index.ts"
  [triggers]
  crons = ["*/20 * * * *"]
  [[schedules]]
  binding = "S"
  [[queues.producers]]
  binding = "Q"
  queue = "later"
  [[queues.consumers]]
  queue = "later"
  max_batch_timeout = 0
  [[kv_namespaces]]
  binding = "KV"`;

const folder = temporaryFolder();
let host: Serving;

beforeAll(async () => {
  writeFileSync(join(folder.path, 'index.ts'), SOURCE);
  writeFileSync(join(folder.path, 'brink.toml'), CONFIG);
  host = await serving(['dev', '--engine', 'node', '--port', '0'], { cwd: folder.path });
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

const run = (...args: readonly string[]) => brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url }, stdin: '' });
const ask = async <Value>(path: string) => (await (await fetch(host.url + path)).json()) as Value;

describe('brink tick', () => {
  it('does what comes due meanwhile, in its order, each at its time', async () => {
    const began = await ask<number>('/');
    const { stdout, stderr, code } = await run('tick', '1h', '--json');
    expect([stderr, code]).toEqual(['', 0]);
    const { from, to } = JSON.parse(stdout) as { from: number; to: number };
    expect(to - from).toBeGreaterThanOrEqual(HOUR);
    expect(to - from).toBeLessThan(HOUR + 5 * 60_000);
    const did = await ask<[string, number, number][]>('/did');
    expect(did.map(([what]) => what).toSorted()).toEqual([...Array<string>(3).fill('*/20 * * * *'), 'a quarter', 'message 1', 'message 2']);
    expect(did.map(([, at]) => at)).toEqual(did.map(([, at]) => at).toSorted((a, b) => a - b));
    for (const [what, at, clock] of did) expect([what, clock - at < 60_000 && clock >= at]).toEqual([what, true]);
    const at = (wanted: string) => (did.find(([what]) => what === wanted)![1] - began) / 60_000;
    expect(Math.round(at('a quarter'))).toBe(15);
    expect(Math.round(at('message 1'))).toBe(30);
    expect(Math.round(at('message 2'))).toBe(40);
  });

  it('has what expires expire, and functions see the time', async () => {
    const [short, long, now, made] = await ask<[string | null, string | null, number, number]>('/kv');
    expect([short, long]).toEqual([null, 'there']);
    expect(Math.round((now - Date.now()) / HOUR)).toBe(1);
    expect(made - now).toBeLessThan(60_000);
    expect((await run('tick', '90m')).stdout).toMatch(/^It is \d{4}-\d\d-\d\d [\d:]{8} now, after \d{4}-\d\d-\d\d [\d:]{8}\n$/);
    expect((await ask<unknown[]>('/kv')).slice(0, 2)).toEqual([null, null]);
  });

  it('moves over many days', async () => {
    await ask('/did');
    await run('tick', '2d');
    expect(await ask<unknown[]>('/did')).toHaveLength(2 * 24 * 3);
    const { stdout } = await run('schedules', 'runs', 'clock', '--limit', '500', '--json');
    const runs = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { outcome: string; late: number });
    expect(new Set(runs.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    expect(Math.max(...runs.map(({ late }) => late))).toBeLessThan(60_000);
  });

  it.each(['soon', '400d'])('%s is no duration', async (text) => {
    expect(await run('tick', '--', text)).toMatchObject({ code: 2, stderr: expect.stringContaining('is no duration') as string });
  });

  it('is refused by a host without a clock of its own', async () => {
    const plain = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path });
    try {
      const ran = await brink(['tick', '1h', '--json'], { cwd: folder.path, env: { BRINK_HOST: plain.url }, stdin: '' });
      expect(ran.code).toBe(1);
      expect(ran.stderr + ran.stdout).toContain('unsupported');
      expect(ran.stderr + ran.stdout).toContain('brink dev --engine node');
    } finally {
      await plain.stop();
    }
  });

  it('does not keep dev from stopping', async () => {
    const dev = await serving(['dev', '--engine', 'node', '--port', '0'], { cwd: folder.path });
    const ticking = start(['tick', '366d', '--host', dev.url], { cwd: folder.path });
    await dev.says(/scheduled/);
    expect(await dev.stop()).toBe(0);
    await ticking.stop();
  });
});
