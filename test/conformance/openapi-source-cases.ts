import { describe, expect, it } from 'vitest';
import { encodeArtifact, type Artifact } from '../../host/registry/artifact.ts';
import { OPENAPI_MODULE } from '../../host/registry/openapi.ts';
import { publishExample } from '../functions/open.ts';
import { artifactOf, eventually, freshName, publish, type TestHost } from './harness.ts';

const OK = "export default { fetch() { return new Response('ok'); } };";

export function documentOf(over: object = {}): Record<string, unknown> {
  return { openapi: '3.1.0', info: { title: 'Things', version: '1' }, paths: { '/things': { get: {} } }, ...over };
}

/** An artifact with a document in it, as the build makes one of a file. */
export function describedBy(document: unknown, manifest: Record<string, unknown> = {}, name = freshName()): Artifact {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const { modules, ...rest } = artifactOf(name, { 'index.js': OK }, { openapi: 'openapi.json', ...manifest });
  return { ...rest, modules: { ...modules, [OPENAPI_MODULE]: { type: 'openapi', bytes: new TextEncoder().encode(text) } } };
}

/** One that answers this at `/openapi.json`, where it is asked. */
function asked(body: string, timeout = 20_000): [source: string, options: { manifest: Record<string, unknown> }] {
  const source = `export default { fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname !== '/openapi.json') return new Response('ok');
    ${body}
  } };`;
  return [source, { manifest: { openapi: { path: '/openapi.json', timeout_ms: timeout } } }];
}

export function sourceCases(host: () => TestHost): void {
  const publishArtifact = (artifact: Artifact) => host().admin.publish(artifact.manifest.name, encodeArtifact(artifact));

  describe('a document in a file', () => {
    it('is kept with the version, and told of it', async () => {
      const artifact = describedBy(documentOf());
      const { name } = artifact.manifest;
      await publishArtifact(artifact);
      const { openapi } = await host().admin.version(name, 1);
      expect(openapi).toEqual({
        digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        size: JSON.stringify(documentOf()).length,
        source: 'file',
        from: '3.1.0',
      });
      expect(await host().admin.openapi(name, 'live')).toEqual(documentOf());
    });

    it('is the same in two versions, where it says the same', async () => {
      const artifact = describedBy(documentOf());
      const { name } = artifact.manifest;
      await publishArtifact(artifact);
      await publishArtifact(describedBy(documentOf(), { vars: { A: '1' } }, name));
      const [one, two] = await Promise.all([1, 2].map((number) => host().admin.version(name, number)));
      expect(two!.openapi).toEqual(one!.openapi);
    });

    it('is one of 3.1, also where it came as one of 3.0, and who publishes hears of it', async () => {
      const artifact = describedBy(documentOf({ openapi: '3.0.3', components: { schemas: { A: { type: 'string', nullable: true } } } }));
      const { warnings } = await publishArtifact(artifact);
      expect(warnings).toEqual(['openapi.json is of OpenAPI 3.0.3, and is kept as 3.1.1.']);
      expect(await host().admin.openapi(artifact.manifest.name, 1)).toMatchObject({
        openapi: '3.1.1',
        components: { schemas: { A: { type: ['string', 'null'] } } },
      });
    });

    it.each<[string, unknown, object]>([
      ['is no document', '[]', { code: 'openapi-invalid', status: 422, details: { pointer: '#' } }],
      ['is no JSON', '{', { code: 'openapi-invalid', details: { pointer: '#' } }],
      ['has a reference to nothing', documentOf({ paths: { '/a': { $ref: '#/b' } } }), { code: 'openapi-invalid', details: { pointer: '#/paths/~1a/$ref' } }],
      ['is of an OpenAPI that nobody knows', documentOf({ openapi: '4.0.0' }), { code: 'openapi-invalid', details: { pointer: '#/openapi' } }],
    ])('that %s refuses the publish', async (_what, document, expected) => {
      const artifact = describedBy(document);
      await expect(publishArtifact(artifact)).rejects.toMatchObject(expected);
      await expect(host().admin.function(artifact.manifest.name)).rejects.toMatchObject({ code: 'function-not-found' });
    }); // prettier-ignore

    it('that the manifest names and the artifact lacks refuses the publish', async () => {
      await expect(publish(host(), OK, { manifest: { openapi: 'openapi.json' } })).rejects.toMatchObject({ code: 'artifact-invalid' });
    });
  });

  describe('a document that the function gives', () => {
    it('is asked for before there is a version, and kept', async () => {
      const { name } = await publish(host(), ...asked(`return Response.json(${JSON.stringify(documentOf())});`));
      expect(await host().admin.version(name, 1)).toMatchObject({ openapi: { source: 'function', from: '3.1.0' } });
      expect(await host().admin.openapi(name, 1)).toEqual(documentOf());
      const asking = await eventually(() =>
        host().events.find((event) => event.type === 'invocation' && event.function === name && event.trigger === 'openapi'),
      );
      expect(asking).toMatchObject({ version: 1, alias: null, method: 'GET', path: '/openapi.json', status: 200, outcome: 'ok' });
    });

    it('is asked for with the secrets and vars of the version', async () => {
      const [source] = asked("return Response.json({ openapi: '3.1.0', info: { title: this.env?.T ?? '', version: '1' }, paths: {} });");
      const code = source.replace('fetch(request) {', 'fetch(request, env) { this.env = env;');
      const { name } = await publish(host(), code, { manifest: { openapi: { path: '/openapi.json' }, vars: { T: 'told' } } });
      expect(await host().admin.openapi(name, 1)).toMatchObject({ info: { title: 'told' } });
    });

    it.each<[string, string, string]>([
      ['answers another status', "return new Response('no', { status: 404 });", 'it answered 404 at /openapi.json, and not 200'],
      ['throws', "throw new Error('x');", 'it failed at /openapi.json (handler-threw)'],
      ['never answers', 'return new Promise(() => setTimeout(() => {}, 60_000));', 'it gave no answer at /openapi.json within 1000 ms'],
      ['never ends', "return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('{')); }, pull() { return new Promise(() => setTimeout(() => {}, 60_000)); } }));", 'it gave no answer at /openapi.json within 1000 ms'],
      ['answers without end', "return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65_536)); } }));", 'it answered more than 4194304 bytes at /openapi.json'],
    ])('by one that %s refuses the publish, and leaves what was there', async (_what, body, says) => {
      const { name } = await publish(host(), OK);
      const [source, options] = asked(body, says.endsWith('within 1000 ms') ? 1_000 : undefined);
      const refused = publish(host(), source, { ...options, name });
      await expect(refused).rejects.toMatchObject({ code: 'openapi-failed', status: 422, details: { function: name, version: 2 } });
      await expect(refused).rejects.toThrow(says);
      expect((await host().admin.function(name)).versions).toHaveLength(1);
      expect(await (await fetch(`${host().url}/${name}/`)).text()).toBe('ok');
    }); // prettier-ignore

    it('that is none refuses the publish, and says where', async () => {
      const refused = publish(host(), ...asked('return Response.json({ openapi: "3.1.0", paths: {} });'));
      await expect(refused).rejects.toMatchObject({
        code: 'openapi-invalid',
        message: '/openapi.json: # lacks "info", which an OpenAPI document has to have.',
      });
    });

    it('is that of Hono with zod, as the example has it', async () => {
      await publishExample(host(), 'bookshop');
      expect(await host().admin.openapi('bookshop', 'live')).toMatchObject({
        openapi: '3.1.0',
        info: { title: 'Bookshop' },
        paths: { '/books/{isbn}': { get: { operationId: 'getBook' } } },
        components: { schemas: { Book: { type: 'object', required: ['isbn', 'title'] } } },
      });
    });
  });

  it('a version without a document has none', async () => {
    const { name } = await publish(host(), OK);
    await expect(host().admin.openapi(name, 1)).rejects.toMatchObject({ code: 'openapi-not-found', status: 404 });
    expect(await host().admin.version(name, 1)).not.toHaveProperty('openapi');
  });
}
