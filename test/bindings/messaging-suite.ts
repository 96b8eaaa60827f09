import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORWARDER, MESSAGING_WORLD } from '../component/wat-messaging.ts';
import { watComponent } from '../component/wat-component.ts';
import { eventually, freshName, publish, type OpenHost, type TestHost } from '../conformance/harness.ts';
import { publishComponent } from '../conformance/publish-component.ts';

/** Sends what it is told, and logs what comes out of the other queue. */
const SOURCE = `export default {
  async fetch(request, { IN }) {
    const messages = (await request.json()).map(({ bytes, ...message }) => bytes ? { ...message, body: Uint8Array.from(bytes) } : message);
    await IN.sendBatch(messages);
    return new Response();
  },
  queue({ messages }) {
    for (const { body } of messages) console.log(JSON.stringify(body instanceof ArrayBuffer ? [...new Uint8Array(body)] : body));
  },
};`;

/** Queues through `wasi:messaging`: a component that consumes one, and produces for another. */
export function messagingSuite(open: OpenHost): void {
  describe('wasi:messaging', () => {
    let host: TestHost;
    let wasm: Uint8Array<ArrayBuffer>;
    beforeAll(async () => {
      host = await open();
      wasm = await watComponent('0.2', FORWARDER, MESSAGING_WORLD);
    });
    afterAll(() => host.stop());

    /** The guest between two queues: what goes in, and what it sends on. */
    async function deploy({ batch = 10 } = {}) {
      const queue = freshName();
      const [out, dead] = [`${queue}-out`, `${queue}-dead`];
      const sender = await publish(host, SOURCE, {
        alias: 'live',
        manifest: {
          queues: { producers: [{ binding: 'IN', queue }], consumers: [{ queue: out, max_batch_size: 10, max_batch_timeout: 0 }] },
        },
      });
      const consumer = `{ queue = "${queue}", max_batch_size = ${batch}, max_batch_timeout = 1, max_retries = 1, dead_letter_queue = "${dead}" }`;
      const config = `[queues]\nproducers = [{ binding = "OUT", queue = "${out}" }]\nconsumers = [${consumer}]\n`;
      const { name } = await publishComponent(host, wasm, config);
      const linesOf = (of: string) =>
        host.events.flatMap((each) => (each.type === 'console' && each.function === of ? [each.message] : []));
      const failures = () => host.events.flatMap((each) => (each.type === 'exception' && each.function === name ? [each.message] : []));
      return {
        failures,
        outcomes: () => host.events.flatMap((each) => (each.type === 'invocation' && each.function === name ? [each.outcome] : [])),
        async send(...messages: readonly object[]) {
          expect((await fetch(sender.url, { method: 'POST', body: JSON.stringify(messages) })).status).toBe(200);
        },
        cameOut: (count: number) =>
          eventually(() => {
            const lines = linesOf(sender.name);
            return lines.length >= count ? lines.map((line) => JSON.parse(line) as unknown) : undefined;
          }),
        letters: (count: number) =>
          eventually(async () => {
            const messages = await host.admin.peekQueue(dead);
            return messages.length >= count ? messages.map(({ body }) => body).toSorted() : undefined;
          }),
      };
    }

    it('a component takes messages, and sends texts, JSON and bytes as what they are', async () => {
      const { send, cameOut, outcomes } = await deploy();
      await send(
        { body: 'a text: ü', contentType: 'text' },
        { body: { a: ['list'] }, contentType: 'json' },
        { bytes: [0, 255, 1], contentType: 'bytes' },
      );
      expect((await cameOut(3)).map((body) => JSON.stringify(body)).toSorted()).toEqual(['"a text: ü"', '[0,255,1]', '{"a":["list"]}']);
      // Told when its invocation is over, which is after it has sent.
      await expect.poll(() => [...new Set(outcomes())]).toEqual(['ok']);
    });

    it('a message that ends in an error or a trap is tried again, and the others of its batch are not', async () => {
      const { send, cameOut, letters, failures } = await deploy();
      await send(...['one', 'error of its own', 'trap', 'a second'].map((body) => ({ body, contentType: 'text' })));
      expect(await letters(2)).toEqual(['error of its own', 'trap']);
      expect((await cameOut(2)).map(String).toSorted()).toEqual(['a second', 'one']);
      await expect.poll(() => failures().some((message) => message.includes('error of its own'))).toBe(true);
    });

    it('a topic that no producer has, a reply, and metadata are errors', async () => {
      const { send, letters, failures } = await deploy({ batch: 1 });
      await send(...['none', 'request', 'metadata'].map((body) => ({ body, contentType: 'text' })));
      expect(await letters(3)).toEqual(['metadata', 'none', 'request']);
      const said = [
        `permission-denied: The function's manifest names no binding "NONE".`,
        'Queues have no replies: send to another queue, and consume that.',
        'Queues keep no metadata, and the message has 1.',
      ];
      await expect.poll(() => said.every((text) => failures().some((message) => message.includes(text)))).toBe(true);
    });
  });
}
