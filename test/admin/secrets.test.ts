import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { adminOnMemory, artifactOf, ORIGIN, TOKEN } from './admin.ts';

const SECRETS = `${ORIGIN}/_brink/functions/hello/secrets`;
const VALUE = 'correct-horse-battery';
const json = { 'content-type': 'application/json' };
const put = (value: unknown) => ({ method: 'PUT', headers: json, body: JSON.stringify(value) });
const text = new TextDecoder();

describe('the routes of secrets', () => {
  it('set, list and remove, and tell the host of each change', async () => {
    const { client, changes } = adminOnMemory();
    await client.publish('hello', artifactOf('hello'));
    const set = await client.putSecret('hello', 'API_KEY', VALUE);
    expect(set).toEqual({ name: 'API_KEY', setAt: 1_767_225_600_000, key: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(await client.changeSecrets('hello', { B: 'two', A: 'one' })).toMatchObject([{ name: 'A' }, { name: 'API_KEY' }, { name: 'B' }]);
    expect(await client.changeSecrets('hello', { B: null })).toMatchObject([{ name: 'A' }, { name: 'API_KEY' }]);
    expect(await client.removeSecret('hello', 'A')).toEqual({ requiredBy: [] });
    expect(await client.secrets('hello')).toEqual([set]);
    expect(await client.rotateSecrets()).toEqual({ key: set.key, rotated: 0 });
    expect(changes).toEqual(['hello', 'hello', 'hello', 'hello', 'hello']);
  });

  it('show no value in any answer, nor does the store hold one', async () => {
    const store = createMemoryStore(() => 0);
    const { app, client } = adminOnMemory({ store });
    await client.publish('hello', artifactOf('hello'));
    const requests: [string, RequestInit?][] = [
      [`${SECRETS}/API_KEY`, put({ value: VALUE })],
      [SECRETS, { method: 'PATCH', headers: json, body: JSON.stringify({ secrets: { OTHER: VALUE } }) }],
      [SECRETS],
      [`${SECRETS}/API_KEY`],
      [`${ORIGIN}/_brink/functions/hello`],
      [`${ORIGIN}/_brink/functions/hello/versions/1`],
      [`${ORIGIN}/_brink/functions/hello/versions/1/artifact`],
      [`${ORIGIN}/_brink/functions`],
      [`${ORIGIN}/_brink/logs`],
      // refused, each for another reason
      [`${SECRETS}/API-KEY`, put({ value: VALUE })],
      [`${SECRETS}/${VALUE}`, put({ value: 'x' })],
      [`${SECRETS}/API_KEY`, put({ value: VALUE, more: VALUE })],
      [`${SECRETS}/API_KEY`, put({ value: [VALUE] })],
      [`${SECRETS}/API_KEY`, put(VALUE)],
      [`${SECRETS}/API_KEY`, { method: 'PUT', headers: json, body: `{"value":"${VALUE}` }],
      [`${SECRETS}/API_KEY`, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: VALUE }],
      [`${SECRETS}/API_KEY`, put({ value: VALUE.repeat(300) })],
      [`${SECRETS}/API_KEY`, put({ value: `${VALUE}\ud800` })],
      [SECRETS, { method: 'PATCH', headers: json, body: JSON.stringify({ secrets: { OTHER: { deep: VALUE } } }) }],
    ];
    const statuses: number[] = [];
    for (const [url, init] of requests) {
      const response = await app.request(url, init);
      statuses.push(response.status);
      expect(JSON.stringify([...response.headers]) + (await response.text()), `${init?.method ?? 'GET'} ${url}`).not.toContain(VALUE);
    }
    expect(statuses).toEqual([200, 200, 200, 405, 200, 200, 200, 200, 200, 400, 400, 400, 400, 400, 400, 400, 413, 400, 400]);
    for (const key of (await store.list({ prefix: '' })).keys) expect(text.decode((await store.get(key))!.value)).not.toContain(VALUE);
  });

  it.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
  ])('want the token: %s', async (_what, headers) => {
    const { app, registry } = adminOnMemory({ address: '192.0.2.1' });
    for (const [path, method] of [
      ['functions/hello/secrets', 'GET'],
      ['functions/hello/secrets', 'PATCH'],
      ['functions/hello/secrets/A', 'PUT'],
      ['functions/hello/secrets/A', 'DELETE'],
      ['secrets/rotate', 'POST'],
    ] as const) {
      const body = method === 'PUT' ? '{"value":"x"}' : method === 'PATCH' ? '{"secrets":{"A":"x"}}' : null;
      const response = await app.request(`${ORIGIN}/_brink/${path}`, { method, headers: { ...json, ...headers }, body });
      expect([path, response.status]).toEqual([path, 401]);
    }
    expect(await registry.list()).toEqual([]);
    const right = await app.request(`${SECRETS}/A`, { ...put({ value: 'x' }), headers: { ...json, authorization: `Bearer ${TOKEN}` } });
    expect(right.status).toBe(200);
  });

  it("take no change from another site's page", async () => {
    const { app } = adminOnMemory();
    const response = await app.request(`${SECRETS}/A`, { ...put({ value: 'x' }), headers: { ...json, 'sec-fetch-site': 'cross-site' } });
    expect(response.status).toBe(403);
  });

  it('say what is not there, and what the host lacks', async () => {
    const { client } = adminOnMemory({ keys: [] });
    await expect(client.secrets('hello')).rejects.toMatchObject({ code: 'function-not-found' });
    await expect(client.changeSecrets('hello', { A: null })).rejects.toMatchObject({ code: 'function-not-found' });
    await expect(client.putSecret('hello', 'A', 'x')).rejects.toMatchObject({ code: 'secret-key-missing' });
    await client.publish('hello', artifactOf('hello'));
    await expect(client.removeSecret('hello', 'A')).rejects.toMatchObject({ code: 'secret-not-found' });
    expect(await client.secrets('hello')).toEqual([]);
  });

  it('publish warns of what is missing, and of vars that hide a secret', async () => {
    const { client } = adminOnMemory();
    expect(await client.publish('hello', artifactOf('hello'))).toMatchObject({ warnings: [] });
    await client.putSecret('hello', 'A', 'x');
    const bytes = artifactOf('hello', 'two', { vars: { A: 'var' }, secrets: { required: ['A', 'B'] } });
    const { warnings } = await client.publish('hello', bytes);
    expect(warnings).toEqual([expect.stringMatching(/: B$/), expect.stringMatching(/: A$/)]);
  });
});
