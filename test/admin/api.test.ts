import { describe, expect, it } from 'vitest';
import { ARTIFACT_MAX_BYTES, digestOf } from '../../host/registry/artifact.ts';
import { ARTIFACT_MEDIA_TYPE } from '../../host/registry/media-type.ts';
import { adminOnMemory, artifactOf, ORIGIN } from './admin.ts';

const FUNCTIONS = `${ORIGIN}/_brink/functions`;
const json = { 'content-type': 'application/json' };
const upload = { 'content-type': ARTIFACT_MEDIA_TYPE };

async function withVersions(count: number) {
  const setup = adminOnMemory();
  for (let number = 1; number <= count; number++) await setup.client.publish('hello', artifactOf('hello', `v${number}`));
  return setup;
}

describe('publish', () => {
  it('makes a version, and `live` for the first one', async () => {
    const { client, changes } = adminOnMemory();
    const bytes = artifactOf('hello');
    const digest = await digestOf(bytes);
    expect(await client.publish('hello', bytes, { tag: 'first' })).toMatchObject({
      function: 'hello',
      version: 1,
      digest,
      alias: 'live',
      created: true,
      url: `${ORIGIN}/hello/`,
      versionUrl: `${ORIGIN}/hello@${digest.slice(0, 12)}/`,
    });
    expect(await client.version('hello', 'live')).toMatchObject({ number: 1, digest, tag: 'first', aliases: ['live'] });
    expect(changes).toEqual(['hello']);
  });

  it("answers with the version's own URL where it moves no alias", async () => {
    const { client } = await withVersions(1);
    const published = await client.publish('hello', artifactOf('hello', 'v2'));
    expect(published).toMatchObject({ version: 2, alias: null, url: published.versionUrl });
  });

  it('answers 201 with the place of a new version, and 200 for a digest that is one already', async () => {
    const { app } = adminOnMemory();
    const send = () => app.request(`${FUNCTIONS}/hello/versions`, { method: 'POST', headers: upload, body: artifactOf('hello') });
    const first = await send();
    expect([first.status, first.headers.get('location')]).toEqual([201, '/_brink/functions/hello/versions/1']);
    const second = await send();
    expect(second.status).toBe(200);
    expect(await second.json()).toMatchObject({ version: 1, created: false });
  });

  it('gives back the artifact byte for byte', async () => {
    const { client } = await withVersions(1);
    expect(await client.artifact('hello', 1)).toEqual(artifactOf('hello', 'v1'));
  });

  it('refuses an upload that changed on its way', async () => {
    const { app, registry } = adminOnMemory();
    const headers = { ...upload, 'content-digest': `sha-256=:${btoa('x'.repeat(32))}:` };
    const response = await app.request(`${FUNCTIONS}/hello/versions`, { method: 'POST', headers, body: artifactOf('hello') });
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'artifact-digest-mismatch' }]);
    expect(await registry.list()).toEqual([]);
  });

  it.each(['sha-256=abc', 'sha-256=:!!!:', 'sha-256=:AAAA:', 'nonsense'])('refuses the Content-Digest %s', async (digest) => {
    const { app } = adminOnMemory();
    const response = await app.request(`${FUNCTIONS}/hello/versions`, {
      method: 'POST',
      headers: { ...upload, 'content-digest': digest },
      body: artifactOf('hello'),
    });
    expect(await response.json()).toMatchObject({ code: 'bad-request', path: 'content-digest' });
  });

  it('passes over digests of kinds that it does not check', async () => {
    const { app } = adminOnMemory();
    const headers = { ...upload, 'content-digest': 'sha-512=:AAAA:' };
    expect((await app.request(`${FUNCTIONS}/hello/versions`, { method: 'POST', headers, body: artifactOf('hello') })).status).toBe(201);
  });

  it('stops reading an endless upload at the limit', async () => {
    const { app } = adminOnMemory();
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.byteLength;
        controller.enqueue(chunk);
      },
      cancel: () => void (cancelled = true),
    });
    const response = await app.request(`${FUNCTIONS}/hello/versions`, {
      method: 'POST',
      headers: upload,
      body,
      duplex: 'half',
    } as RequestInit);
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'artifact-too-large', limit: ARTIFACT_MAX_BYTES }]);
    expect(cancelled).toBe(true);
    expect(sent).toBeLessThan(ARTIFACT_MAX_BYTES + 4 * chunk.byteLength);
  });

  it('refuses a body that is announced as too large without reading it', async () => {
    const { app } = adminOnMemory();
    const headers = { ...upload, 'content-length': String(ARTIFACT_MAX_BYTES + 1) };
    expect((await app.request(`${FUNCTIONS}/hello/versions`, { method: 'POST', headers, body: 'x' })).status).toBe(413);
  });

  it.each([
    ['bytes that are no artifact', 'hello', new TextEncoder().encode('nonsense'), 'artifact-invalid'],
    ['a cut-off artifact', 'hello', artifactOf('hello').slice(0, -3), 'artifact-invalid'],
    ["another function's artifact", 'hello', artifactOf('other'), 'manifest-invalid'],
  ])('refuses %s', async (_what, name, bytes, code) => {
    const { client, registry } = adminOnMemory();
    await expect(client.publish(name, bytes)).rejects.toMatchObject({ code });
    expect(await registry.list()).toEqual([]);
  });

  it('refuses other media types', async () => {
    const { app } = adminOnMemory();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await app.request(`${FUNCTIONS}/hello/versions`, { method: 'POST', headers, body: artifactOf('hello') });
    expect(await response.json()).toMatchObject({ code: 'bad-request', path: 'content-type' });
  });
});

describe('versions', () => {
  it('are found by number, digest and alias', async () => {
    const { client } = await withVersions(2);
    const second = await client.version('hello', 2);
    expect(await client.version('hello', second.digest.slice(0, 12))).toEqual(second);
    expect(await client.version('hello', 'live')).toMatchObject({ number: 1 });
  });

  it.each([
    ['9', 'version-not-found'],
    ['deadbeefdeadbeef', 'version-not-found'],
    ['beta', 'alias-not-found'],
  ])('%s is %s', async (reference, code) => {
    const { client } = await withVersions(1);
    await expect(client.version('hello', reference)).rejects.toMatchObject({ code });
  });

  it('are removed, unless an alias names them', async () => {
    const { client } = await withVersions(2);
    await expect(client.removeVersion('hello', 1)).rejects.toMatchObject({ code: 'version-in-use', details: { aliases: ['live'] } });
    await expect(client.removeVersion('hello', 'live')).rejects.toMatchObject({ code: 'bad-request' });
    await client.removeVersion('hello', 2);
    expect((await client.function('hello')).versions.map(({ number }) => number)).toEqual([1]);
  });
});

describe('aliases', () => {
  it('move by weight and roll back', async () => {
    const { client, changes } = await withVersions(2);
    const versions = [
      { version: 1, weight: 90 },
      { version: 2, weight: 10 },
    ];
    const moved = await client.moveAlias('hello', 'live', { versions, sticky: { by: 'cookie', name: 'who' } });
    expect(moved).toMatchObject({ versions, sticky: { by: 'cookie', name: 'who' }, revision: 2, url: `${ORIGIN}/hello/` });
    expect(await client.rollback('hello', 'live')).toMatchObject({ versions: [{ version: 1, weight: 100 }], sticky: null, revision: 3 });
    expect(changes).toHaveLength(4);
  });

  it('carry their revision as ETag, and move only from it with If-Match', async () => {
    const { app, client } = await withVersions(2);
    const read = await app.request(`${FUNCTIONS}/hello/aliases/live`);
    expect(read.headers.get('etag')).toBe('"1"');
    const versions = [{ version: 2, weight: 100 }];
    expect(await client.moveAlias('hello', 'live', { versions, ifRevision: 1 })).toMatchObject({ revision: 2 });
    await expect(client.moveAlias('hello', 'live', { versions, ifRevision: 1 })).rejects.toMatchObject({
      code: 'alias-conflict',
      details: { revision: 2 },
    });
    await expect(client.rollback('hello', 'live', 1)).rejects.toMatchObject({ code: 'alias-conflict' });
  });

  it('let one of two racing movers win', async () => {
    const { client } = await withVersions(2);
    const move = () => client.moveAlias('hello', 'live', { versions: [{ version: 2, weight: 100 }], ifRevision: 1 });
    const results = await Promise.allSettled([move(), move()]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('are only made with If-None-Match: *', async () => {
    const { client } = await withVersions(1);
    const versions = [{ version: 1, weight: 100 }];
    expect(await client.moveAlias('hello', 'beta', { versions, ifRevision: 0 })).toMatchObject({
      revision: 1,
      url: `${ORIGIN}/hello@beta/`,
    });
    await expect(client.moveAlias('hello', 'beta', { versions, ifRevision: 0 })).rejects.toMatchObject({ code: 'alias-conflict' });
  });

  it.each(['3', 'W/"3"', '"x"', ''])('refuse If-Match: %s', async (tag) => {
    const { app } = await withVersions(1);
    const body = JSON.stringify({ versions: [{ version: 1, weight: 100 }] });
    const response = await app.request(`${FUNCTIONS}/hello/aliases/live`, { method: 'PUT', headers: { ...json, 'if-match': tag }, body });
    expect(await response.json()).toMatchObject({ code: 'bad-request', path: 'if-match' });
  });

  it('are removed', async () => {
    const { client } = await withVersions(1);
    await client.removeAlias('hello', 'live');
    await expect(client.alias('hello', 'live')).rejects.toMatchObject({ code: 'alias-not-found' });
  });

  it.each([
    [{ versions: [{ version: 1, weight: 50 }] }, 'weights-invalid'],
    [{ versions: [{ version: 7, weight: 100 }] }, 'version-not-found'],
  ])('refuse %j as %s', async (target, code) => {
    const { client } = await withVersions(1);
    await expect(client.moveAlias('hello', 'live', target)).rejects.toMatchObject({ code });
  });
});

describe('functions', () => {
  it('are listed, shown and removed', async () => {
    const { client, changes } = await withVersions(2);
    expect(await client.functions()).toEqual([
      { name: 'hello', url: `${ORIGIN}/hello/`, versions: 2, latest: 2, aliases: { live: [{ version: 1, weight: 100 }] }, crons: [] },
    ]);
    expect((await client.function('hello')).aliases).toMatchObject([{ alias: 'live', revision: 1, history: [] }]);
    await client.removeFunction('hello');
    expect(changes.at(-1)).toBe('hello');
    await expect(client.function('hello')).rejects.toMatchObject({ code: 'function-not-found' });
  });

  it('run their scheduled handler with the cron of their version', async () => {
    const { client, scheduled } = adminOnMemory();
    await client.publish('tick', artifactOf('tick', '', { triggers: { crons: ['*/5 * * * *'] } }));
    expect(await client.scheduled('tick')).toEqual({ outcome: 'ok', noRetry: false });
    await client.scheduled('tick', { cron: '0 0 * * *', scheduledTime: 7, reference: '1' });
    expect(scheduled).toEqual([
      ['tick', 'live', { cron: '*/5 * * * *', scheduledTime: 1_767_225_600_000 }],
      ['tick', '1', { cron: '0 0 * * *', scheduledTime: 7 }],
    ]);
  });
});

describe('logs', () => {
  const event = (name: string, message: string) =>
    ({ type: 'console', time: 1, function: name, version: 1, level: 'log', message, requestId: null }) as const;

  it('are the newest events of a function, one a line', async () => {
    const { app, client, log } = adminOnMemory();
    for (const message of ['1', '2', '3']) log.emit(event('a', message));
    log.emit(event('b', 'other'));
    const response = await app.request(`${ORIGIN}/_brink/logs?function=a&limit=2`);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect((await response.text()).trimEnd().split('\n')).toHaveLength(2);
    expect((await client.logs({ function: 'a', limit: 2 })).map((line) => 'message' in line && line.message)).toEqual(['2', '3']);
  });

  it('follow as events happen', async () => {
    const { client, log } = adminOnMemory();
    log.emit(event('a', 'before'));
    const events = client.followLogs({ function: 'a' });
    expect((await events.next()).value).toMatchObject({ message: 'before' });
    log.emit(event('a', 'after'));
    expect((await events.next()).value).toMatchObject({ message: 'after' });
    await events.return(undefined);
  });

  it.each(['limit=x', 'limit=-1', 'limit=5000', 'follow=maybe'])('refuse ?%s', async (query) => {
    const { app } = adminOnMemory();
    expect(await (await app.request(`${ORIGIN}/_brink/logs?${query}`)).json()).toMatchObject({ code: 'bad-request', in: 'query' });
  });
});

describe('bad requests', () => {
  it.each([
    ['{"versions":[{"version":1,"weight":"x"}]}', 'versions.0.weight'],
    ['{"versions":[]}', 'versions'],
    ['{"versions":[{"version":1,"weight":100}],"colour":1}', ''],
    ['{}', 'versions'],
  ])('%s names its place', async (body, path) => {
    const { app } = await withVersions(1);
    const response = await app.request(`${FUNCTIONS}/hello/aliases/live`, { method: 'PUT', headers: json, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad-request', in: 'json', path });
  });

  it.each([
    ['no JSON', json, '{"versions":'],
    ['a form', { 'content-type': 'text/plain' }, '{"versions":[{"version":1,"weight":100}]}'],
  ])('%s is refused', async (_what, headers, body) => {
    const { app } = await withVersions(1);
    const response = await app.request(`${FUNCTIONS}/hello/aliases/live`, { method: 'PUT', headers, body });
    expect([response.status, response.headers.get('content-type'), await response.json()]).toMatchObject([
      400,
      'application/problem+json',
      { code: 'bad-request' },
    ]);
  });

  it('unknown paths and wrong methods are problem details', async () => {
    const { app } = adminOnMemory();
    const unknown = await app.request(`${ORIGIN}/_brink/nothing`);
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'not-found' }]);
    const wrong = await app.request(FUNCTIONS, { method: 'PATCH' });
    expect([wrong.status, wrong.headers.get('allow'), await wrong.json()]).toMatchObject([
      405,
      'GET, HEAD',
      { code: 'method-not-allowed' },
    ]);
  });
});

it('the OpenAPI document names every route', async () => {
  const { app } = adminOnMemory();
  const document = (await (await app.request(`${ORIGIN}/_brink/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, object>;
    servers: { url: string }[];
  };
  expect(document.openapi).toBe('3.1.0');
  expect(document.servers).toEqual([{ url: '/_brink' }]);
  expect(Object.keys(document.paths).toSorted()).toEqual([
    '/cells',
    '/databases/{database}/query',
    '/email',
    '/email/addresses',
    '/email/addresses/{address}',
    '/freezes',
    '/freezes/{id}',
    '/functions',
    '/functions/{fn}',
    '/functions/{fn}/aliases',
    '/functions/{fn}/aliases/{alias}',
    '/functions/{fn}/aliases/{alias}/rollback',
    '/functions/{fn}/databases/{binding}/query',
    '/functions/{fn}/email',
    '/functions/{fn}/gateway',
    '/functions/{fn}/gateway/revisions',
    '/functions/{fn}/gateway/revisions/{revision}',
    '/functions/{fn}/gateway/rollback',
    '/functions/{fn}/history',
    '/functions/{fn}/keys',
    '/functions/{fn}/keys/{key}',
    '/functions/{fn}/openapi/changes',
    '/functions/{fn}/purge',
    '/functions/{fn}/queue',
    '/functions/{fn}/releases',
    '/functions/{fn}/releases/{id}',
    '/functions/{fn}/releases/{id}/{change}',
    '/functions/{fn}/runs',
    '/functions/{fn}/scheduled',
    '/functions/{fn}/schedules',
    '/functions/{fn}/schedules/{id}',
    '/functions/{fn}/secrets',
    '/functions/{fn}/secrets/{secret}',
    '/functions/{fn}/versions',
    '/functions/{fn}/versions/{ref}',
    '/functions/{fn}/versions/{ref}/artifact',
    '/functions/{fn}/versions/{ref}/component',
    '/functions/{fn}/versions/{ref}/openapi',
    '/gateway',
    '/gateway/revisions',
    '/gateway/revisions/{revision}',
    '/gateway/rollback',
    '/health',
    '/health/live',
    '/health/ready',
    '/logs',
    '/mail',
    '/mail/{id}',
    '/publish-policy',
    '/queues',
    '/queues/{queue}/messages',
    '/queues/{queue}/pause',
    '/queues/{queue}/redrive',
    '/queues/{queue}/resume',
    '/routes',
    '/secrets/rotate',
    '/usage',
  ]);
});
