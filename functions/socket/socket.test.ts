import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/conformance/harness.ts';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let socket: OpenedExample;
beforeAll(async () => {
  socket = await openExample('socket');
});
afterAll(() => socket.stop());

it('sends text and bytes back', async () => {
  const client = new WebSocket(socket.at.replace('http', 'ws'));
  client.binaryType = 'arraybuffer';
  await event(client, 'open');
  client.send('hi');
  expect((await event<MessageEvent>(client, 'message')).data).toBe('hi');
  client.send(Uint8Array.of(1, 2, 3));
  expect([...new Uint8Array((await event<MessageEvent<ArrayBuffer>>(client, 'message')).data)]).toEqual([1, 2, 3]);
  client.close(1000, 'bye');
  await event(client, 'close');
  const lines = () => socket.events.flatMap((each) => (each.type === 'console' ? [each.message] : []));
  expect(await eventually(() => lines().find((line) => line.startsWith('closed')))).toBe('closed: 1000 bye');
});

it('tells other clients what to do', async () => {
  const response = await fetch(socket.at);
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
});

function event<Kind extends Event>(target: EventTarget, name: string): Promise<Kind> {
  return new Promise((resolve) => target.addEventListener(name, (each) => resolve(each as Kind), { once: true }));
}
