import { spawn } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { project } from '../../build/project.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const SOURCES = ['--conditions', 'brink-source'];

const CONFIG = 'name = "visits"\nmain = "index.ts"\nkv_namespaces = [{ binding = "VISITS" }]\n';
/** It imports what the runtime alone has, itself and by `brink/sdk`. */
const HANDLER = `import { cached, type KVNamespace } from 'brink/sdk';
import { env, WorkerEntrypoint } from 'cloudflare:workers';
export class Named extends WorkerEntrypoint {}
export default {
  async fetch(request: Request, { VISITS }: { VISITS: KVNamespace }) {
    const made = await cached(VISITS, 'made', { ttl: 60 }, () => 'once');
    return new Response(made + (env as { VISITS?: unknown }).VISITS);
  },
};
`;

const testOf = (runner: string, handler: string) => `import assert from 'node:assert/strict';
import { test } from '${runner}';
import { createTestEnv } from 'brink/sdk/testing';
${handler}
test('visits', async () => {
  await using visits = await createTestEnv({ config: new URL('brink.toml', import.meta.url), handler });
  assert.equal(await (await visits.fetch('/')).text(), 'once[object Object]');
});
`;
const STATIC = "import handler from './index.ts';";
const LATER = "const handler = import('./index.ts');";

/** Every kind is used, and nothing closed. */
const LEFT_OPEN = `import { createTestEnv } from 'brink/sdk/testing';
const bindings = { KV: 'kv', LOCKS: 'locks', DB: 'd1', FILES: 'r2', JOBS: 'queue', SCHEDULES: 'schedules' };
const { env, clock } = await createTestEnv({ bindings, handler: { queue() {}, scheduled() {} } });
await env.KV.put('a', 'b');
await env.LOCKS.acquire('a');
await env.DB.exec('CREATE TABLE t (n)');
await env.FILES.put('a', 'b');
await env.JOBS.send('a');
await env.SCHEDULES.create({ every: '1m' });
await clock.advance('3m');
await env.JOBS.send('b');
console.log('done');
`;

/** A folder in which `brink` is a package that is installed. */
async function installed(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await project({ 'package.json': '{ "type": "module" }', 'brink.toml': CONFIG, 'index.ts': HANDLER, ...files });
  await mkdir(join(dir, 'node_modules'));
  await symlink(ROOT, join(dir, 'node_modules/brink'), 'dir');
  await symlink(join(ROOT, 'node_modules/vitest'), join(dir, 'node_modules/vitest'), 'dir');
  return dir;
}

async function node(cwd: string, ...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_)/.test(name)));
  const child = spawn(process.execPath, args, { cwd, env: { ...env, NO_COLOR: '1' }, timeout: 30_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, output };
}

it.each([
  ['a handler that is imported later', LATER, []],
  ['a handler that is imported first', STATIC, ['--import', 'brink/sdk/testing']],
] as const)('node:test runs it with %s', async (_, handler, flags) => {
  const dir = await installed({ 'visits.test.ts': testOf('node:test', handler) });
  const { code, output } = await node(dir, ...SOURCES, ...flags, '--test');
  expect(code, output).toBe(0);
  expect(output).toMatch(/pass 1\b/);
});

it('vitest runs it, with an alias', async () => {
  const dir = await installed({
    'visits.test.ts': testOf('vitest', STATIC),
    'vitest.config.ts': `export default { ssr: { resolve: { conditions: ['brink-source'] } }, test: {
      alias: { 'cloudflare:workers': 'brink/sdk/testing/workers' }, execArgv: ${JSON.stringify(SOURCES)} } };\n`,
  });
  const { code, output } = await node(dir, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run');
  expect(code, output).toBe(0);
  expect(output).toMatch(/Tests\s+1 passed/);
});

it('leaves nothing that would keep a process alive', async () => {
  const dir = await installed({ 'open.mjs': LEFT_OPEN });
  const { code, output } = await node(dir, ...SOURCES, 'open.mjs');
  expect({ code, output }).toEqual({ code: 0, output: 'done\n' });
});
