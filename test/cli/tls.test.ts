import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { isAlive } from '../is-alive.ts';
import { makeCertificate } from '../certificate.ts';
import { eventually } from '../conformance/harness.ts';
import { writePair } from '../node/tls/open.ts';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

const folder = temporaryFolder();
const pair = writePair();
const TLS = ['--tls-cert', pair.files.cert, '--tls-key', pair.files.key];
const running: Serving[] = [];
afterEach(async () => {
  for (const host of running.splice(0)) await host.stop('SIGKILL');
});
afterAll(() => {
  folder.remove();
  pair.remove();
});

async function serve(args: readonly string[], env?: Record<string, string>): Promise<Serving> {
  const host = await serving(['serve', ...args], { cwd: folder.path, ...(env && { env }) });
  running.push(host);
  return host;
}

const SLOW = `let begun = 0;
export default { async fetch(request) {
  const { pathname, protocol, searchParams } = new URL(request.url);
  if (pathname === '/begun') return new Response(String(begun));
  begun++;
  await new Promise((next) => setTimeout(next, Number(searchParams.get('ms') ?? 50)));
  return new Response('done by ' + protocol);
} }`;
const CONFIG = `name = "slow"
main = "index.js"
compatibility_date = "2026-01-01"
scaling = { max_cells = 1 }
`;

/** Publishes a function by the CLI, which trusts the certificate of the host. */
async function publish({ url }: Serving, state: string): Promise<void> {
  mkdirSync(join(folder.path, 'slow'), { recursive: true });
  writeFileSync(join(folder.path, 'slow/brink.toml'), CONFIG);
  writeFileSync(join(folder.path, 'slow/index.js'), SLOW);
  const { code, stderr } = await brink(['publish', 'slow', '--alias', 'live', '--host', url, '--state', state], {
    cwd: folder.path,
    env: { NODE_EXTRA_CA_CERTS: pair.files.cert },
  });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
}

async function ask(url: string, agent: Agent | false, path = ''): Promise<string> {
  for (;;) {
    const sent = request(`${url}/slow/${path}`, { agent, rejectUnauthorized: false }).end();
    const response = await once(sent, 'response').then(
      ([each]) => each as IncomingMessage,
      (error: unknown) => {
        // A kept connection may be closed in the moment in which it is used: RFC 9112, section 9.3.1.
        if (sent.reusedSocket) return null;
        throw error;
      },
    );
    if (response !== null) return (await response.toArray()).join('');
  }
}

/** Whose certificate a new connection gets. */
async function shown({ url }: Serving): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

describe('brink serve --tls-cert --tls-key', () => {
  it('says whose certificate it is, is asked by the CLI, and takes another on SIGHUP', async () => {
    const host = await serve(['--port', '0', '--state', 'one'], { BRINK_TLS_CERT: pair.files.cert, BRINK_TLS_KEY: pair.files.key });
    expect(host.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    await host.says(/The certificate is of localhost, 127\.0\.0\.1, until \d{4}-\d\d-\d\d\n/);
    await publish(host, 'one');
    expect(await ask(host.url, false)).toBe('done by https:');
    const { code, stderr } = await brink(['ls', '--host', host.url], { cwd: folder.path });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/DEPTH_ZERO_SELF_SIGNED_CERT\).+NODE_EXTRA_CA_CERTS/s)]);
    pair.write(makeCertificate({ name: 'renewed' }));
    process.kill(host.pid, 'SIGHUP');
    await eventually(async () => ((await shown(host)) === 'renewed' ? true : undefined));
    await host.says(/New connections get another certificate/);
    pair.write(pair.made);
    expect(await host.stop()).toBe(0);
  });

  it('finishes what runs when it stops: of many requests none is lost', async () => {
    const host = await serve([...TLS, '--port', '0', '--state', 'drain']);
    await publish(host, 'drain');
    const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });
    await Promise.all(Array.from({ length: 8 }, () => ask(host.url, agent)));
    const asked = Array.from({ length: 24 }, (_, index) => ask(host.url, index < 8 ? agent : false, '?ms=1000'));
    // A connection that has asked for nothing yet is closed.
    await eventually(async () => ((await ask(host.url, false, 'begun')) === '32' ? true : undefined));
    const code = host.stop();
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['done by https:']));
    expect(await code).toBe(0);
    agent.destroy();
  });

  it('--takeover takes the port over, from a host with TLS and from one without', async () => {
    const first = await serve(['--port', '0', '--state', 'taken']);
    const { port } = new URL(first.url);
    const second = await serve([...TLS, '--port', port, '--state', 'taken', '--takeover']);
    expect(second.url).toBe(`https://127.0.0.1:${port}`);
    expect(await eventually(() => (!isAlive(first.pid) ? 'gone' : undefined), 20_000)).toBe('gone');
    await publish(second, 'taken');
    const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });
    const failures: unknown[] = [];
    let answered = 0;
    let over = false;
    onTestFinished(() => void (over = true));
    const load = Array.from({ length: 4 }, async (_, index) => {
      while (!over)
        await ask(second.url, index < 2 ? agent : false).then(
          () => answered++,
          (error: unknown) => failures.push(error),
        );
    });
    const more = (count: number) => {
      const from = answered;
      return eventually(() => (answered >= from + count ? true : undefined));
    };
    await more(5);
    const third = await serve([...TLS, '--port', port, '--state', 'taken', '--takeover']);
    expect(await eventually(() => (!isAlive(second.pid) ? 'gone' : undefined), 20_000)).toBe('gone');
    await more(5);
    over = true;
    await Promise.all(load);
    agent.destroy();
    expect(failures).toEqual([]);
    expect(await ask(third.url, false)).toBe('done by https:');
  });

  it.each<[string, readonly string[], RegExp]>([
    ['without a key', ['--tls-cert', 'cert.pem'], /--tls-cert and --tls-key go together/],
    ['on workerd', [...TLS, '--engine', 'workerd'], /--tls-cert is for --engine node\. Before workerd a proxy speaks TLS/],
    [
      'with a key that is not there',
      ['--tls-cert', pair.files.cert, '--tls-key', 'nothing.pem'],
      /certificate-invalid\): TLS cannot be spoken with nothing\.pem: the key cannot be read \(ENOENT\)/,
    ],
  ])('is refused %s', async (_what, args, message) => {
    const { code, stderr } = await brink(['serve', '--port', '0', '--state', 'refused', ...args], { cwd: folder.path });
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
  });
});
