import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/conformance/harness.ts';
import { ENGINES, openExample, publishExample, type OpenedExample } from '../../test/functions/open.ts';

describe.each(ENGINES)('on %s', (_engine, on) => {
  let users: OpenedExample;
  beforeAll(async () => {
    users = await openExample('versions', { on });
    expect(await publishExample(users, 'versions', { env: 'v2' })).toBe(2);
  });
  afterAll(() => users.stop());

  const ask = async (
    path: string,
    { method = 'POST', at = users.at, headers = {} }: { method?: string; at?: string; headers?: HeadersInit } = {},
  ) => {
    const response = await fetch(at + path, { method, headers });
    return { status: response.status, version: Number(response.headers.get('x-version')) };
  };
  const weigh = (first: number) =>
    users.admin.moveAlias('versions', 'live', {
      versions: [
        { version: 1, weight: first },
        { version: 2, weight: 100 - first },
      ],
    });
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => prefix + String.fromCharCode(97 + index));
  const said = () =>
    users.events.flatMap((event) => (event.type === 'console' ? [{ version: event.version, message: event.message }] : []));

  it('is what was published, which publishing it again does not change', async () => {
    expect(await publishExample(users, 'versions')).toBe(1);
    expect(await publishExample(users, 'versions', { env: 'v2' })).toBe(2);
    expect((await users.admin.function('versions')).versions).toHaveLength(2);
  });

  it('is shared by weight, and each version can be asked for by its number', async () => {
    expect(await ask('Nobody')).toEqual({ status: 404, version: 1 });
    expect(await ask('nobody', { method: 'GET' })).toEqual({ status: 405, version: 1 });
    expect(await ask('nobody', { method: 'PUT' })).toEqual({ status: 409, version: 1 });
    expect(await ask('nobody?language=xx', { at: `${users.url}/versions@2/` })).toEqual({ status: 400, version: 2 });
    await weigh(75);
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('Nobody')));
    expect(answers.filter(({ version }) => version === 1)).toHaveLength(75);
    expect(await ask('Nobody', { at: `${users.url}/versions@2/` })).toMatchObject({ version: 2 });
    expect(await ask('Nobody', { headers: { 'brink-version': '1' } })).toMatchObject({ version: 1 });
    await users.admin.rollback('versions', 'live');
    const after = await Promise.all(Array.from({ length: 20 }, () => ask('Nobody')));
    expect(after.filter(({ version }) => version !== 1)).toEqual([]);
  });

  it('a user of one version is one of the other, which keeps what it does not know', async () => {
    const [first, second] = [`${users.url}/versions@1/`, `${users.url}/versions@2/`];
    // Of version 2, which is the one that gets the messages.
    await users.admin.moveAlias('versions', 'live', { versions: [{ version: 2, weight: 100 }] });
    expect(await ask('gwen?language=cy', { at: second })).toEqual({ status: 201, version: 2 });
    expect(await ask('gwen', { at: first })).toEqual({ status: 409, version: 1 });
    await ask('olaf', { at: first });
    for (const name of ['gwen', 'olaf']) expect(await ask(name, { method: 'PUT', at: first })).toMatchObject({ status: 204 });
    await eventually(() =>
      ['Croeso, gwen', 'Welcome, olaf'].every((words) => said().some(({ message }) => message === words)) ? true : undefined,
    );
  });

  it('deals messages by weight, and one that comes again stays on its version', async () => {
    await weigh(50);
    const asked = names('retried', 8);
    for (const name of asked) expect(await ask(`${name}?language=de`)).toMatchObject({ status: 201 });
    const message = async () =>
      (await users.admin.peekQueue('welcomes', 100)).filter(({ body }) => asked.includes(JSON.parse(body) as string));
    // Each is bound to a version when it has been retried, and again the same when it has been once more.
    const boundOnce = await eventually(async () => {
      const messages = await message();
      return messages.length === 8 && messages.every(({ boundTo }) => boundTo !== null)
        ? new Map(messages.map(({ id, boundTo }) => [id, boundTo]))
        : undefined;
    });
    expect(new Set(boundOnce.values()).size).toBe(2);
    await eventually(async () => ((await message()).every(({ attempts }) => attempts >= 2) ? true : undefined));
    for (const { id, boundTo } of await message()) expect(boundTo).toBe(boundOnce.get(id));
    // And where the alias names the other one alone by then.
    await users.admin.moveAlias('versions', 'live', { versions: [{ version: 2, weight: 100 }] });
    for (const name of asked) await ask(name, { method: 'PUT' });
    await eventually(() => (asked.every((name) => said().some(({ message: words }) => words.endsWith(name))) ? true : undefined));
    const welcomes = said().filter(({ message: words }) => /retried/.test(words));
    expect(welcomes).toHaveLength(8);
    expect(welcomes.filter(({ version }) => version === 1).map(({ message: words }) => words.split(',')[0])).toEqual(
      Array(4).fill('Welcome'),
    );
  });
});
