import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, openExample, publishExample, type OpenedExample } from '../../test/functions/open.ts';

describe.each(ENGINES)('on %s', (_engine, on) => {
  let alias: OpenedExample;
  beforeAll(async () => {
    alias = await openExample('alias', { on });
  });
  afterAll(() => alias.stop());

  const ask = async (path = '', init?: RequestInit) => {
    const response = await fetch(alias.at + path, init);
    return { status: response.status, version: response.headers.get('x-version'), text: await response.text() };
  };
  const move = (...versions: { version: number; weight: number }[]) => alias.admin.moveAlias('function-a', 'live', { versions });

  it('says so where there is no such function yet, and is what it is as soon as there is', async () => {
    expect(await ask()).toMatchObject({ status: 500 });
    await publishExample(alias, 'function-a');
    expect(await ask('?name=Ada')).toEqual({ status: 200, version: '1', text: 'Hello, Ada!\n' });
  });

  it('is another function as soon as the alias has moved, without a request that fails, and without a version of its own', async () => {
    expect(await publishExample(alias, 'function-a', { env: 'next' })).toBe(2);
    expect(await ask()).toMatchObject({ version: '1' });
    const during: Awaited<ReturnType<typeof ask>>[] = [];
    let moving = true;
    const clients = Array.from({ length: 8 }, async () => {
      while (moving) during.push(await ask('?name=Ada', { method: 'POST', body: 'a body' }));
    });
    for (let round = 0; round < 3; round++) {
      await move({ version: 2, weight: 100 });
      expect(await ask()).toMatchObject({ version: '2', text: 'Good morning, world!\n' });
      await move({ version: 1, weight: 50 }, { version: 2, weight: 50 });
      await alias.admin.rollback('function-a', 'live');
      expect(await ask()).toMatchObject({ version: '2' });
      await move({ version: 1, weight: 100 });
      expect(await ask()).toMatchObject({ version: '1' });
    }
    moving = false;
    await Promise.all(clients);
    expect(during.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(during.map(({ version }) => version))).toEqual(new Set(['1', '2']));
    expect((await alias.admin.function('alias')).versions).toHaveLength(1);
  });
});
