import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleStatic, type StaticBundle } from '../../host/platforms/workerd/static.ts';
import { artifactOf } from './function.ts';

const utf8 = new TextEncoder();
const TYPES = { js: 'esm', wasm: 'wasm', text: 'text', data: 'data', json: 'json', map: 'text', openapi: 'text' } as const;
/** `(module (func (export "answer") (result i32) (i32.const 42)))` */
const WASM = Uint8Array.from(atob('AGFzbQEAAAABBQFgAAF/AwIBAAcKAQZhbnN3ZXIAAAoGAQQAQSoL'), (character) => character.charCodeAt(0));

let miniflare: Miniflare;
let bundle: StaticBundle;

beforeAll(async () => {
  const mixed = artifactOf(
    'mixed',
    `import text from './a.txt'; import json from './b.json'; import wasm from './c.wasm';
     export default {
       async fetch(request, env, ctx) {
         if (new URL(request.url).pathname === '/throw') throw new Error('no');
         const { exports } = await WebAssembly.instantiate(wasm);
         return Response.json({ text, json, answer: exports.answer(), env, version: ctx.brink.version });
       },
       scheduled() {},
     }`,
    { vars: { A: 1 }, secrets: { required: ['API_KEY', 'A'] }, triggers: { crons: ['0 * * * *'] }, routes: [{ pattern: 'mixed.test/*' }] },
    {
      'a.txt': { type: 'text', bytes: utf8.encode('text') },
      'b.json': { type: 'json', bytes: utf8.encode('{"b":2}') },
      'c.wasm': { type: 'wasm', bytes: WASM },
    },
  );
  const plain = artifactOf(
    'plain',
    `export default { fetch: (request, env) => (request.url.endsWith('/env') ? Response.json({ env }) : new Response('plain')) }`,
  );
  bundle = await bundleStatic([
    { name: 'mixed', version: 7, artifact: mixed, handlers: ['fetch', 'scheduled'] },
    { name: 'plain', version: 1, artifact: plain, handlers: ['fetch'] },
  ]);
  const { compatibility_date: compatibilityDate, compatibility_flags: compatibilityFlags } = bundle.wranglerConfig as {
    compatibility_date: string;
    compatibility_flags: string[];
  };
  const modules = Object.fromEntries(
    [...bundle.modules].map(([path, { type, bytes }]) => [
      path,
      { type: TYPES[type], contents: type === 'wasm' ? bytes : new TextDecoder().decode(bytes) },
    ]),
  );
  miniflare = new Miniflare({
    port: 0,
    cf: false,
    enableDevRegistry: false,
    handleStructuredLogs: () => {},
    workers: [
      {
        config: {
          name: 'static',
          compatibilityDate,
          compatibilityFlags,
          manifest: { mainModule: bundle.mainModule, modules },
          env: { API_KEY: { type: 'text', value: 'secret of the Worker' }, BRINK_TOKEN: { type: 'text', value: 'token' } },
        },
      },
    ],
  });
  await miniflare.ready;
});
afterAll(() => miniflare.dispose());

const get = (url: string) => miniflare.dispatchFetch(url);

describe('a static deploy', () => {
  it('runs each function at the version that it was given', async () => {
    expect(await (await get('http://host.test/mixed/')).json()).toEqual({
      text: 'text',
      json: { b: 2 },
      answer: 42,
      env: { A: 1, API_KEY: 'secret of the Worker' },
      version: 7,
    });
    expect(await (await get('http://host.test/plain/')).text()).toBe('plain');
    expect(await (await get('http://host.test/plain@1/')).text()).toBe('plain');
    expect((await get('http://mixed.test/')).status).toBe(200);
  });

  it('answers a throw with problem details', async () => {
    const response = await get('http://host.test/mixed/throw');
    expect(await response.json()).toMatchObject({ status: 500, code: 'handler-threw' });
  });

  it('takes no changes and shows nothing without a token', async () => {
    expect((await get('http://host.test/_brink/functions')).status).toBe(401);
  });

  it("lists the functions' crons and module types for wrangler", () => {
    expect(bundle.wranglerConfig).toMatchObject({ main: 'worker.js', triggers: { crons: ['0 * * * *'] } });
    expect(bundle.wranglerConfig['rules']).toContainEqual({ type: 'CompiledWasm', globs: ['functions/mixed-7/c.wasm'], fallthrough: true });
  });

  it('gives secrets of the Worker to functions that require them, and to no other', async () => {
    const { env } = (await (await get('http://host.test/plain/env')).json()) as { env: object };
    expect(env).toEqual({});
    // wrangler would refuse the first deploy, before which no secret can be set.
    expect(bundle.wranglerConfig).not.toHaveProperty('secrets');
  });

  it('takes no secrets of its own', async () => {
    const response = await miniflare.dispatchFetch('http://host.test/_brink/functions/plain/secrets/A', {
      method: 'PUT',
      headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
      body: '{"value":"x"}',
    });
    expect(await response.json()).toMatchObject({ status: 501, code: 'unsupported' });
  });

  it("refuses a function that requires one of the host's own", async () => {
    const artifact = artifactOf('thief', 'export default { fetch() {} }', { secrets: { required: ['BRINK_TOKEN'] } });
    await expect(bundleStatic([{ name: 'thief', version: 1, artifact, handlers: ['fetch'] }])).rejects.toMatchObject({
      code: 'unsupported',
      details: { secret: 'BRINK_TOKEN' },
    });
  });

  it('refuses a function with bindings, and names them', async () => {
    const artifact = artifactOf('counter', 'export default { fetch() {} }', {
      kv_namespaces: [{ binding: 'KV' }, { binding: 'SHARED', id: '1' }],
    });
    await expect(bundleStatic([{ name: 'counter', version: 1, artifact, handlers: ['fetch'] }])).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('counter has bindings or queues (KV, SHARED)') as string,
      details: { function: 'counter', bindings: ['KV', 'SHARED'] },
    });
  });

  it("refuses functions of other clouds, whose process.env would be the host's", async () => {
    const artifact = artifactOf('aws', 'export default { fetch() {} }');
    const modules = { ...artifact.modules, 'lambda-runtime.js': artifact.modules[artifact.mainModule]! };
    await expect(
      bundleStatic([{ name: 'aws', version: 1, artifact: { ...artifact, modules }, handlers: ['fetch'] }]),
    ).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('aws is written for another cloud (lambda-runtime.js)') as string,
    });
  });

  it('refuses a function whose policy would have no isolate', async () => {
    const artifact = artifactOf('guarded', 'export default { fetch() {} }', { gateway: [{ policy: { module: 'p.wasm' } }] });
    await expect(bundleStatic([{ name: 'guarded', version: 1, artifact, handlers: ['fetch'] }])).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('guarded has a policy in its gateway') as string,
    });
  });

  it('refuses a function whose way out it could not guard', async () => {
    const artifact = artifactOf('bound', 'export default { fetch() {} }', { capabilities: { outbound: [] } });
    await expect(bundleStatic([{ name: 'bound', version: 1, artifact, handlers: ['fetch'] }])).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});
