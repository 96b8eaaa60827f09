import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { artifactOf, eventually } from '../conformance/harness.ts';
import { serving, temporaryFolder, type Serving } from './brink.ts';

const ROUNDS = 3;
const CLIENTS = 4;
const folder = temporaryFolder();
let host: Serving | undefined;
afterEach(async () => host?.stop('SIGKILL'));

const serve = async () => (host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path }));

/** Counts each path's calls, so that some are under way at any time. */
const COUNT = `export default { async fetch(request, { KV }) {
  const { pathname, searchParams } = new URL(request.url);
  if (searchParams.has('count')) return new Response((await KV.get(pathname)) ?? '0');
  await KV.increment(pathname);
  await new Promise((next) => setTimeout(next, 100));
  return new Response(pathname + ' ' + (await request.text()));
} }`;

interface Accepted {
  readonly path: string;
  readonly location: string;
}

/** Sends one request after the other, each with a key of its own, until the host is gone. */
async function client(url: string, of: string, accepted: Accepted[]): Promise<void> {
  for (let count = 0; ; count++) {
    const path = `${of}-${count}`;
    const response = await post(url, path).catch(() => null);
    if (response === null) return;
    expect(response.status).toBe(202);
    accepted.push({ path, location: response.headers.get('location')! });
  }
}

function post(url: string, path: string): Promise<Response> {
  const headers = { prefer: 'respond-async', 'idempotency-key': `"${path}"` };
  return fetch(`${url}/jobs/${path}`, { method: 'POST', headers, body: 'body' });
}

it(`what was accepted runs after kill -9 of the host, ${ROUNDS} times over, and its key leads to it`, async () => {
  const accepted: Accepted[] = [];
  await serve();
  const manifest = {
    kv_namespaces: [{ binding: 'KV' }],
    async: { enabled: true, max_attempts: 10, retry_delay: 0 },
    idempotency: { enabled: true },
  };
  const bytes = encodeArtifact(artifactOf('jobs', { 'index.js': COUNT }, manifest));
  await createAdminClient({ url: host!.url, token: null }).publish('jobs', bytes, { alias: 'live' });
  for (let round = 0; round < ROUNDS; round++) {
    const clients = Array.from({ length: CLIENTS }, (_, index) => client(host!.url, `r${round}-c${index}`, accepted));
    const before = accepted.length;
    await eventually(() => (accepted.length >= before + 3 * CLIENTS ? true : undefined));
    await wait(Math.random() * 300);
    await host!.stop('SIGKILL');
    await Promise.all(clients);
    await serve();
  }
  expect(accepted.length).toBeGreaterThan(ROUNDS * CLIENTS);

  const { url } = host!;
  let again = 0;
  for (const { path, location } of accepted) {
    const shown = await eventually(async () => {
      const { status, attempts } = (await (await fetch(url + location)).json()) as { status: string; attempts: number };
      expect(['pending', 'running', 'done']).toContain(status);
      return status === 'done' ? { attempts } : undefined;
    }, 20_000);
    if (shown.attempts > 1) again++;
    expect(await (await fetch(`${url}${location}/response`)).text()).toBe(`/${path} body`);
    expect(Number(await (await fetch(`${url}/jobs/${path}?count`)).text())).toBeGreaterThanOrEqual(1);
  }
  // Some were under way when the host was lost: else this would show nothing of that.
  expect(again).toBeGreaterThan(0);
  const { path, location } = accepted.at(-1)!;
  const repeated = await post(url, path);
  expect([repeated.status, repeated.headers.get('location')]).toEqual([202, location]);
});
