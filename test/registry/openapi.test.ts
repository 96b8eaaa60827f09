import { beforeEach, describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { OPENAPI_MODULE } from '../../host/registry/openapi.ts';
import type { Readiness } from '../../host/registry/readiness.ts';
import { Registry } from '../../host/registry/registry.ts';
import type { Blobs } from '../../host/stores/blobs.ts';
import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';
import { artifactOf } from '../conformance/harness.ts';

const utf8 = new TextEncoder();
const DOCUMENT = { openapi: '3.1.0', info: { title: 'a', version: '1' }, paths: {} };
const probe = async () => ['fetch'] as const;

let blobs: Blobs;
let discarded: string[];
beforeEach(() => {
  blobs = createMemoryBlobs();
  discarded = [];
});

function registryThat(answers: () => Promise<Uint8Array>): Registry {
  const readiness: Readiness = {
    check() {},
    ready: async () => {},
    warm: async () => {},
    openapi: answers,
    discard: (artifact) => void discarded.push(artifact),
  };
  return new Registry({ store: createMemoryStore(Date.now), blobs, now: Date.now, readiness });
}

function bytesOf(manifest: Record<string, unknown>, document?: unknown) {
  const artifact = artifactOf('fn', { 'index.js': 'export default {}' }, manifest);
  const own =
    document === undefined ? {} : { [OPENAPI_MODULE]: { type: 'openapi' as const, bytes: utf8.encode(JSON.stringify(document)) } };
  return encodeArtifact({ ...artifact, modules: { ...artifact.modules, ...own } });
}

const nobody = registryThat.bind(null, () => Promise.reject(new Error('nobody is asked')));
const kept = () => blobs.list('openapi/');

describe('the OpenAPI document of a version', () => {
  it('is kept beside its artifact, and goes with it', async () => {
    const registry = nobody();
    const { version } = await registry.publish('fn', bytesOf({ openapi: 'openapi.json' }, DOCUMENT), { probe });
    expect(await registry.openapiOf(version)).toEqual(DOCUMENT);
    expect(await kept()).toHaveLength(1);
    await registry.publish('fn', bytesOf({ vars: { A: '1' } }), { probe, alias: 'live' });
    await registry.removeVersion('fn', 1);
    expect(await kept()).toEqual([]);
  });

  it('is one that its build has made where no key names it', async () => {
    const { version } = await nobody().publish('fn', bytesOf({}, DOCUMENT), { probe });
    expect(version.openapi).toMatchObject({ source: 'component', from: '3.1.0' });
  });

  it('that a crash left is swept', async () => {
    await blobs.put('openapi/lost', utf8.encode('{}'));
    const registry = nobody();
    await registry.publish('fn', bytesOf({ openapi: 'openapi.json' }, DOCUMENT), { probe });
    expect(await registry.sweep()).toBe(1);
    expect(await kept()).toHaveLength(1);
  });

  it('is not asked for again where the version is there', async () => {
    let asked = 0;
    const registry = registryThat(async () => utf8.encode(JSON.stringify({ ...DOCUMENT, info: { title: 'a', version: String(++asked) } })));
    const bytes = bytesOf({ openapi: { path: '/openapi.json' } });
    await registry.publish('fn', bytes, { probe });
    const { version, created } = await registry.publish('fn', bytes, { probe });
    expect([asked, created]).toEqual([1, false]);
    expect(await registry.openapiOf(version)).toMatchObject({ info: { version: '1' } });
  });

  it('that is not given leaves no cell, no version and nothing in the store', async () => {
    const registry = registryThat(() => Promise.reject(new BrinkError('openapi-failed', 'no')));
    await expect(registry.publish('fn', bytesOf({ openapi: { path: '/openapi.json' } }), { probe })).rejects.toMatchObject({
      code: 'openapi-failed',
    });
    expect(discarded).toHaveLength(1);
    expect([await registry.find('fn'), await kept(), await blobs.list('artifact/')]).toEqual([null, [], []]);
  });

  it('that is none leaves no cell either', async () => {
    const registry = registryThat(async () => utf8.encode('[]'));
    await expect(registry.publish('fn', bytesOf({ openapi: { path: '/openapi.json' } }), { probe })).rejects.toMatchObject({
      code: 'openapi-invalid',
    });
    expect([discarded.length, await kept()]).toEqual([1, []]);
  });
});
