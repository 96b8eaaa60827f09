import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, folderOf, openExample, type OpenedExample } from '../../test/functions/open.ts';

it('the component is the one whose build is written down', async () => {
  const at = (name: string) => readFile(join(folderOf('shipping'), name));
  const { sha256 } = JSON.parse((await at('build.json')).toString()) as { sha256: string };
  expect(
    createHash('sha256')
      .update(await at('shipping.wasm'))
      .digest('hex'),
  ).toBe(sha256);
});

describe.each(ENGINES)('shipping on %s', (_, on) => {
  let shipping: OpenedExample;
  beforeAll(async () => {
    shipping = await openExample('shipping', { on });
  });
  afterAll(() => shipping.stop());

  async function call(path: string, parameters: object): Promise<readonly [status: number, body: unknown]> {
    const response = await fetch(`${shipping.at}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(parameters),
    });
    return [response.status, await response.json()];
  }

  it('says what a parcel costs, and when it arrives', async () => {
    expect(await call('quotes/quote', { parcel: { grams: 1_200, to: 'union' } })).toEqual([200, { cents: '1210', days: [2, 5] }]);
    expect(await call('quotes/quote', { parcel: { grams: 0, to: 'home', insuredFor: '250000' } })).toEqual([
      200,
      { cents: '2990', days: [1, 2] },
    ]);
    expect(await call('quotes/heaviest', { to: 'abroad' })).toEqual([200, 20_000]);
  });

  it('refuses what it does not take', async () => {
    expect(await call('quotes/quote', { parcel: { grams: 31_501, to: 'home' } })).toMatchObject([
      422,
      { code: 'call-failed', error: { tag: 'too-heavy', val: 31_500 } },
    ]);
    expect(await call('quotes/quote', { parcel: { grams: 1, to: 'home', insuredFor: 5_000_001 } })).toMatchObject([
      422,
      { error: { tag: 'not-insurable' } },
    ]);
    expect(await call('quotes/quote', { parcel: { grams: 1, to: 'moon' } })).toMatchObject([
      400,
      { code: 'call-invalid', pointer: '/parcel/to' },
    ]);
  });
});
