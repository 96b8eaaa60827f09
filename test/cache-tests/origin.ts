import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A function that hands each request on to the suite's own server, and what that says back. */
export const ORIGIN_PROXY = `
export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const body = method === 'GET' || method === 'HEAD' ? undefined : await request.arrayBuffer();
    const { status, statusText, headers: given, body: out } = await fetch(env.ORIGIN + pathname + search, { method, headers, body, redirect: 'manual' });
    return new Response(out, { status, statusText, headers: given });
  },
};`;

export interface Origin {
  readonly url: string;
  stop(): void;
}

/** The suite's server, which a test tells what to answer. */
export async function openOrigin(root: string): Promise<Origin> {
  const port = await freePort();
  const child = spawn(process.execPath, ['test-engine/server/server.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      npm_config_protocol: 'http',
      npm_config_port: String(port),
      npm_config_pidfile: join(tmpdir(), `cache-tests-${port}.pid`),
    },
  });
  // Whatever ends the run: a server that is left behind would be there for ever.
  process.once('exit', () => child.kill());
  process.once('SIGTERM', () => process.exit(143));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => String(text).includes('Listening') && resolve());
    child.once('exit', (code) => reject(new Error(`The suite's server has ended with ${code}.`)));
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
