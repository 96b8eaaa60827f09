import { afterAll, beforeAll, expect, it } from 'vitest';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let hello: OpenedExample;
beforeAll(async () => {
  hello = await openExample('hello');
});
afterAll(() => hello.stop());

it('greets the world, or whom the query names, in the words of its vars', async () => {
  expect(await (await fetch(hello.at)).text()).toBe('Hello, world!\n');
  expect(await (await fetch(`${hello.at}?name=Ada`)).text()).toBe('Hello, Ada!\n');
});

it('names its version', async () => {
  expect((await fetch(hello.at)).headers.get('x-version')).toBe('1');
});
