import { describe, expect, it } from 'vitest';
import { adminOnMemory, ORIGIN, TOKEN } from './admin.ts';

const LIST = `${ORIGIN}/_brink/functions`;

describe('a client on this machine', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('at %s needs no token', async (address) => {
    const { app } = adminOnMemory({ address });
    expect((await app.request(LIST)).status).toBe(200);
  });

  it.each(['http://127.0.0.1:1/', 'http://[::1]:1/', 'http://live--fn.localhost:1/'])('may call the host %s', async (origin) => {
    const { app } = adminOnMemory();
    expect((await app.request(`${origin}_brink/functions`)).status).toBe(200);
  });

  it('needs the token where the policy says so', async () => {
    const { app } = adminOnMemory({ policy: { loopback: false } });
    expect((await app.request(LIST)).status).toBe(401);
  });

  it.each<[string, string, Record<string, string>]>([
    ['a name that a rebinding page uses', 'http://evil.example/_brink/functions', {}],
    ['another Host header', LIST, { host: 'evil.example' }],
    ['a name that only begins as localhost', 'http://localhost.evil.example/_brink/functions', {}],
    ["another site's Origin", LIST, { origin: 'https://evil.example' }],
    ['an opaque Origin', LIST, { origin: 'null' }],
    ['Forwarded', LIST, { forwarded: 'for=192.0.2.1' }],
    ['X-Forwarded-For', LIST, { 'x-forwarded-for': '192.0.2.1' }],
    ['X-Forwarded-Host', LIST, { 'x-forwarded-host': 'a.example' }],
    ["a function's trace", LIST, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }],
    ['Via', LIST, { via: '1.1 proxy' }],
    ["another site's page", LIST, { 'sec-fetch-site': 'cross-site' }],
  ])('is not believed with %s', async (_what, url, headers) => {
    const { app } = adminOnMemory();
    expect((await app.request(url, { headers })).status).toBe(401);
  });
});

describe('a client elsewhere', () => {
  it.each(['192.0.2.1', '::2', '1.127.0.0', '127.0.0.1.example', null])('at %s gets 401 without the token', async (address) => {
    const { app } = adminOnMemory({ address });
    const response = await app.request(LIST);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await response.json()).toMatchObject({ code: 'unauthorized', status: 401, type: 'urn:brink:error:unauthorized' });
  });

  it('is let in with the token, whatever its Host and proxies', async () => {
    const { app } = adminOnMemory({ address: '192.0.2.1' });
    const headers = { authorization: `bearer ${TOKEN}`, 'x-forwarded-for': '192.0.2.9' };
    expect((await app.request('https://brink.example/_brink/functions', { headers })).status).toBe(200);
  });

  it('gets /health without a token', async () => {
    const { app } = adminOnMemory({ address: '192.0.2.1' });
    expect(await (await app.request(`${ORIGIN}/_brink/health`)).json()).toEqual({ status: 'ok', engine: 'node' });
  });

  it('learns nothing about paths that do not exist', async () => {
    const { app } = adminOnMemory({ address: '192.0.2.1' });
    expect((await app.request(`${ORIGIN}/_brink/nothing`)).status).toBe(401);
  });
});

it.each(['Bearer wrong', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, 'Bearer', `Basic ${TOKEN}`, `Bearer ${TOKEN} ${TOKEN}`])(
  '"%s" is refused, also from this machine',
  async (authorization) => {
    const { app } = adminOnMemory();
    const response = await app.request(LIST, { headers: { authorization } });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain(TOKEN);
  },
);

it('no token fits a host that has none', async () => {
  const { app } = adminOnMemory({ policy: { token: null, loopback: false } });
  expect((await app.request(LIST, { headers: { authorization: 'Bearer null' } })).status).toBe(401);
});

it.each(['cross-site', 'same-site'])('a %s page changes nothing, not even with the token', async (site) => {
  const { app } = adminOnMemory();
  const headers = { 'sec-fetch-site': site, authorization: `Bearer ${TOKEN}` };
  const response = await app.request(`${LIST}/hello`, { method: 'DELETE', headers });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code: 'forbidden' });
});
