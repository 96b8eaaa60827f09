import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestHost } from '../../test/conformance/harness.ts';
import { ENGINES, publishExample } from '../../test/functions/open.ts';

const HASH = 'b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72';

describe.each(ENGINES)('on %s', (_platform, open) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await open();
    await publishExample(host, 'gcf');
  });
  afterAll(() => host.stop());

  const call = (query: string, init: RequestInit = {}) => fetch(`${host.url}/gcf/${query}`, { redirect: 'manual', ...init });

  it('tells a program the hash, and sends a browser on', async () => {
    const json = await call('?email=Ada@example.com', { headers: { accept: 'application/json' } });
    expect(json.headers.get('access-control-allow-origin')).toBe('https://example.com');
    expect(await json.json()).toEqual({ hash: HASH });
    const page = await call('', {
      method: 'POST',
      headers: { accept: 'text/html', 'content-type': 'application/json' },
      body: '{"email":" ada@example.com "}',
    });
    expect([page.status, page.headers.get('location')]).toEqual([302, `https://www.gravatar.com/avatar/${HASH}`]);
  });

  it('answers what a browser asks before, and what names nobody', async () => {
    const asked = await call('', { method: 'OPTIONS' });
    expect([asked.status, asked.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST']);
    expect((await call('')).status).toBe(400);
  });
});
