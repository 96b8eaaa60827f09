import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/conformance/harness.ts';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let stream: OpenedExample;
beforeAll(async () => {
  stream = await openExample('stream');
});
afterAll(() => stream.stop());

it('sends as many chunks as the query asks for', async () => {
  expect((await (await fetch(`${stream.at}?chunks=3`)).bytes()).byteLength).toBe(3 * 64 * 1024);
  expect((await (await fetch(`${stream.at}?chunks=none`)).bytes()).byteLength).toBe(0);
});

it('makes no chunk that nobody waits for, and hears when its reader leaves', async () => {
  const reader = (await fetch(`${stream.at}?chunks=1000000`)).body!.getReader();
  await reader.read();
  await reader.cancel();
  const message = await eventually(() => stream.events.flatMap((event) => (event.type === 'console' ? [event.message] : [])).at(-1));
  const [, left] = /left with (\d+) of 1000000/.exec(message)!;
  expect(Number(left)).toBeGreaterThan(999_000);
});

it('sends an upload back while it still comes in', async () => {
  const upload = request(stream.at, { method: 'POST' });
  upload.write('first');
  const response = await new Promise<NodeJS.ReadableStream>((resolve) => upload.on('response', resolve));
  const echoed = response[Symbol.asyncIterator]();
  expect(String((await echoed.next()).value)).toBe('first');
  upload.end('second');
  expect(String((await echoed.next()).value)).toBe('second');
  expect((await echoed.next()).done).toBe(true);
});
