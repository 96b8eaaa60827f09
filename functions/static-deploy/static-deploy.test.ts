import { createHash } from 'node:crypto';
import { get, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/conformance/harness.ts';
import { ENGINES, openExample, type OpenedExample } from '../../test/functions/open.ts';

const TOKEN = 'a token of the test';
const CSS = `/* the style */\n${'p { color: teal }\n'.repeat(100)}`;

const hashOf = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex').slice(0, 16);

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface State {
  readonly upload: string | null;
  readonly rejected: string | null;
  readonly live: string | null;
  readonly releases: readonly { hash: string }[];
}

describe.each(ENGINES)('on %s', (engine, on) => {
  let site: OpenedExample;
  beforeAll(async () => {
    site = await openExample('static-deploy', { on });
    await site.admin.putSecret('static-deploy', 'DEPLOY_TOKEN', TOKEN);
  });
  afterAll(() => site.stop());

  /** As the bytes come, which `fetch` would decode. */
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<Got>((resolve, reject) => {
      get(site.at + path, { headers, method, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      }).on('error', reject);
    });
  const deploy = async (method: string, name: string, body?: string | Uint8Array<ArrayBuffer>) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${site.at}_deploy/${name}`, { method, headers, ...(body !== undefined && { body }) });
    return { status: response.status, ...((await response.json()) as State) };
  };
  /** Waits until the last upload has been looked at. */
  const put = async (name: string, body: string | Uint8Array<ArrayBuffer>) => {
    const { status, upload } = await deploy('PUT', name, body);
    expect(status).toBe(202);
    return eventually(async () => {
      const state = await deploy('GET', name);
      return state.upload === upload ? state : undefined;
    });
  };

  it('publishes what was put into the bucket, with its type, and under a URL of its content', async () => {
    const hash = hashOf(CSS);
    expect(await put('css/site.css', CSS)).toMatchObject({ live: `css/site.${hash}.css`, rejected: null });
    const stable = await ask('css/site.css');
    expect(stable).toMatchObject({ status: 200, body: Buffer.from(CSS) });
    expect(stable.headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=60',
      'content-location': `site.${hash}.css`,
      'x-content-type-options': 'nosniff',
      etag: `"${hash}"`,
      vary: 'accept-encoding',
    });
    const hashed = await ask(`css/site.${hash}.css`);
    expect(hashed).toMatchObject({ status: 200, body: Buffer.from(CSS) });
    expect(hashed.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await ask('css/site.0000000000000000.css')).status).toBe(404);
    for (const path of ['css/%ff', 'css//site.css', 'x'.repeat(600)]) expect((await ask(path)).status).toBe(404);
    expect((await ask('css/site.css', {}, 'DELETE')).status).toBe(405);
  });

  it('serves index.html of a folder', async () => {
    await put('index.html', '<h1>Home</h1>');
    await put('blog/index.html', '<h1>Blog</h1>');
    expect((await ask('')).body.toString()).toBe('<h1>Home</h1>');
    expect((await ask('blog/')).body.toString()).toBe('<h1>Blog</h1>');
  });

  it('sends what the client can decode, each with a tag of its own', async () => {
    await put('a.css', CSS);
    const best = engine === 'Node' ? 'br' : 'gzip';
    const decode = { br: brotliDecompressSync, gzip: gunzipSync };
    for (const [accepted, encoding] of [
      ['gzip', 'gzip'],
      ['gzip, br', best],
      ['*', best],
      ['br;q=0.1, gzip;q=0.9', 'gzip'],
      ['gzip;q=0', undefined],
      ['identity, gzip;q=0.5', undefined],
      ['deflate', undefined],
    ] as const) {
      // From the bucket, and from the cache.
      for (const _time of [1, 2]) {
        const { status, headers, body } = await ask('a.css', { 'accept-encoding': accepted });
        expect([accepted, status, headers['content-encoding']]).toEqual([accepted, 200, encoding]);
        expect((encoding ? decode[encoding](body) : body).toString()).toBe(CSS);
        expect(headers['etag']).toBe(encoding ? `"${hashOf(CSS)}-${encoding}"` : `"${hashOf(CSS)}"`);
      }
    }
    expect((await deploy('GET', 'a.css')).releases[0]).toMatchObject({
      encodings: best === 'br' ? ['identity', 'gzip', 'br'] : ['identity', 'gzip'],
    });
  });

  it('keeps nothing compressed that does not get smaller', async () => {
    const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(5_000)]);
    expect((await put('hen.png', new Uint8Array(png))).releases).toMatchObject([{ type: 'image/png', encodings: ['identity'] }]);
    expect((await put('short.txt', 'short')).releases).toMatchObject([{ type: 'text/plain; charset=utf-8', encodings: ['identity'] }]);
    const { headers } = await ask('hen.png', { 'accept-encoding': 'gzip, br' });
    expect(headers).toMatchObject({ 'content-type': 'image/png' });
    expect(headers).not.toHaveProperty('content-encoding');
  });

  it('answers who has it already, who wants a part, and who wants no body', async () => {
    const text = 'the whole text, which is a little longer';
    await put('a.txt', text);
    const etag = `"${hashOf(text)}"`;
    // Whether it is in the cache yet or not.
    for (const _time of [1, 2]) {
      const known = await ask('a.txt', { 'if-none-match': `"other", W/${etag}` });
      expect(known).toMatchObject({ status: 304, body: Buffer.alloc(0) });
      expect(known.headers).toMatchObject({ etag, vary: 'accept-encoding', 'cache-control': 'public, max-age=60' });
      expect(await ask('a.txt', { 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
    }
    const part = await ask('a.txt', { range: 'bytes=4-8', 'if-range': etag });
    expect(part).toMatchObject({ status: 206, body: Buffer.from('whole') });
    expect(part.headers['content-range']).toBe(`bytes 4-8/${text.length}`);
    expect(await ask('a.txt', { range: 'bytes=4-8', 'if-range': '"other"' })).toMatchObject({ status: 200, body: Buffer.from(text) });
    const head = await ask('a.txt', {}, 'HEAD');
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(head.headers).toMatchObject({ etag, 'content-type': 'text/plain; charset=utf-8' });
  });

  it('serves nothing of before once a name is replaced or deleted', async () => {
    await put('news.html', '<p>old</p>');
    for (const _time of [1, 2]) expect((await ask('news.html')).body.toString()).toBe('<p>old</p>');
    expect((await put('news.html', '<p>new</p>')).releases).toHaveLength(2);
    expect((await ask('news.html')).body.toString()).toBe('<p>new</p>');
    // Pages that clients have may still name it.
    expect((await ask(`news.${hashOf('<p>old</p>')}.html`)).body.toString()).toBe('<p>old</p>');
    expect(await deploy('DELETE', 'news.html')).toMatchObject({ status: 202 });
    await eventually(async () => ((await ask('news.html')).status === 404 ? true : undefined));
    expect((await ask(`news.${hashOf('<p>new</p>')}.html`)).status).toBe(404);
    expect(await deploy('GET', 'news.html')).toMatchObject({ live: null, upload: null });
  });

  it('goes back to what was served before, and stays there when messages come again', async () => {
    await put('app.js', 'export default 1;');
    const bad = await put('app.js', 'export default undefined;');
    expect(await deploy('POST', 'app.js')).toMatchObject({ status: 200, live: `app.${hashOf('export default 1;')}.js` });
    const message = { object: { key: 'app.js' } };
    expect(await site.admin.invokeQueue('static-deploy', { messages: [{ body: message }, { body: message }] })).toMatchObject({
      outcome: 'ok',
    });
    expect((await ask('app.js')).body.toString()).toBe('export default 1;');
    expect((await ask(bad.live!)).status).toBe(404);
    expect(await deploy('POST', 'app.js')).toMatchObject({ status: 409 });
    expect(await put('app.js', 'export default 3;')).toMatchObject({ releases: [{ hash: hashOf('export default 3;') }, {}] });

    await deploy('DELETE', 'app.js');
    await eventually(async () => ((await ask('app.js')).status === 404 ? true : undefined));
    await deploy('POST', 'app.js');
    expect((await ask('app.js')).body.toString()).toBe('export default 3;');
  });

  it.each([
    ['empty.css', '', 'It is empty.'],
    ['broken.json', '{"a":', 'It is no JSON'],
    ['page.html', new Uint8Array([0x3c, 0xff, 0xfe]), 'It is not UTF-8.'],
    ['hen.jpg', '<html>', 'It does not begin as image/jpeg does.'],
    ['large.bin', new Uint8Array(10 * 1024 * 1024 + 1), 'It has 10485761 bytes, and 10485760 are the most.'],
  ])('publishes no %s that is not what its name says', async (name, content, reason) => {
    const state = await put(name, content);
    expect(state).toMatchObject({ live: null, rejected: expect.stringContaining(reason) as string });
    expect((await ask(name)).status).toBe(404);
  });

  it('serves what was there where the next upload is bad', async () => {
    await put('data.json', '{"good":true}');
    expect(await put('data.json', '{"good":')).toMatchObject({ live: `data.${hashOf('{"good":true}')}.json`, releases: [{}] });
    expect((await ask('data.json')).body.toString()).toBe('{"good":true}');
  });

  it('keeps five releases, and takes the bytes of others away', async () => {
    for (let number = 1; number <= 7; number++) await put('n.txt', `number ${number}`);
    expect((await deploy('GET', 'n.txt')).releases.map(({ hash }) => hash)).toEqual(
      [7, 6, 5, 4, 3].map((number) => hashOf(`number ${number}`)),
    );
    expect((await ask(`n.${hashOf('number 3')}.txt`)).status).toBe(200);
    expect((await ask(`n.${hashOf('number 2')}.txt`)).status).toBe(404);
  });

  it('ends with the last of many uploads, however their messages overtake one another', async () => {
    const uploads: (string | null)[] = [];
    for (let number = 0; number < 30; number++) uploads.push((await deploy('PUT', 'race.txt', `upload ${number}`)).upload);
    const messages = Array.from({ length: 20 }, () => ({ body: { object: { key: 'race.txt' } } }));
    await Promise.all([site.admin.invokeQueue('static-deploy', { messages }), site.admin.invokeQueue('static-deploy', { messages })]);
    await eventually(async () => ((await deploy('GET', 'race.txt')).upload === uploads.at(-1) ? true : undefined), 20_000);
    expect((await ask('race.txt')).body.toString()).toBe('upload 29');
  });

  it('lets nobody deploy without the token', async () => {
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${TOKEN}`])
      for (const method of ['GET', 'PUT', 'POST', 'DELETE'])
        expect((await fetch(`${site.at}_deploy/x.txt`, { method, headers: { authorization } })).status).toBe(401);
    expect((await deploy('PUT', 'a//b', 'x')).status).toBe(400);
    expect((await deploy('PUT', 'x'.repeat(501), 'x')).status).toBe(400);
  });
});
