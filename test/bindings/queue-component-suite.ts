import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freshName, publish, type OpenHost, type TestHost } from '../conformance/harness.ts';
import { publishComponent } from '../conformance/publish-component.ts';

const GUESTS = new URL('../component/guests/', import.meta.url);
const LOCKS = 'locks = [{ binding = "LOCKS" }]\n';

/** Sends what it is told, and logs what comes out of the other queue. */
const SOURCE = `export default {
  async fetch(request, env) {
    const messages = (await request.json()).map(({ bytes, ...message }) => bytes ? { ...message, body: Uint8Array.from(bytes) } : message);
    await env.IN.sendBatch(messages);
    return new Response();
  },
  queue({ messages }) {
    for (const { body, timestamp } of messages) {
      const shown = body instanceof ArrayBuffer ? [...new Uint8Array(body)] : body;
      console.log(JSON.stringify({ body: shown, waited: Date.now() - timestamp.getTime() }));
    }
  },
};`;

interface Sent {
  readonly body?: unknown;
  readonly bytes?: readonly number[];
  readonly contentType: 'text' | 'json' | 'bytes';
}

interface CameOut {
  readonly body: unknown;
  readonly waited: number;
}

/** The same queues through `brink:queues` and `brink:function/queue`. */
export function componentQueueSuite(open: OpenHost): void {
  describe.each(['p2-events', 'p3-events'])('queues of components: %s', (guest) => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    /** The guest between two queues: what goes in, and what it sends on. */
    async function deploy({ queue = freshName(), bindings = LOCKS } = {}) {
      const [out, dead] = [`${queue}-out`, `${queue}-dead`];
      const sender = await publish(host, SOURCE, {
        alias: 'live',
        manifest: {
          queues: { producers: [{ binding: 'IN', queue }], consumers: [{ queue: out, max_batch_size: 1, max_batch_timeout: 0 }] },
        },
      });
      const consumer = `{ queue = "${queue}", max_batch_size = 1, max_batch_timeout = 0, max_retries = 1, dead_letter_queue = "${dead}" }`;
      const config = `${bindings}[queues]\nproducers = [{ binding = "OUT", queue = "${out}" }]\nconsumers = [${consumer}]\n`;
      const { name } = await publishComponent(host, new Uint8Array(readFileSync(new URL(`${guest}.wasm`, GUESTS))), config);
      const cameOut = (count: number) =>
        eventually(() => {
          const lines = host.events.flatMap((each) => (each.type === 'console' && each.function === sender.name ? [each.message] : []));
          return lines.length >= count ? lines.map((line) => JSON.parse(line) as CameOut) : undefined;
        });
      const outcomes = () =>
        host.events.flatMap((each) =>
          each.type === 'invocation' && each.function === name && each.trigger === 'queue' ? [each.outcome] : [],
        );
      return {
        name,
        queue,
        dead,
        cameOut,
        outcomes,
        async send(...messages: readonly Sent[]) {
          expect((await fetch(sender.url, { method: 'POST', body: JSON.stringify(messages) })).status).toBe(200);
        },
        text: (body: string): Sent => ({ body, contentType: 'text' }),
        emptied: () =>
          eventually(async () => {
            const known = (await host.admin.queues()).find((each) => each.queue === queue)!;
            return known.messages === 0 ? known : undefined;
          }),
        letters: () => host.admin.peekQueue(dead),
      };
    }

    it('gets messages of each type, and sends them on with a delay', async () => {
      const { send, text, cameOut, emptied, outcomes } = await deploy();
      await send(text('hello ✓'), { body: { a: [1] }, contentType: 'json' }, { bytes: [0, 255], contentType: 'bytes' });
      const all = await cameOut(6);
      const isFacts = ({ body }: CameOut) => typeof body === 'string' && body.includes(' fence ');
      const facts = all.filter(isFacts).map(({ body }) => body as string);
      const said = /^1 \d{13} ContentType::(\w+) [0-9a-f]{32} Mode::Exclusive fence [1-9]\d* lost false$/;
      expect(facts.map((line) => String(said.exec(line)?.[1])).toSorted()).toEqual(['Bytes', 'Json', 'Text']);
      const copies = all.filter((each) => !isFacts(each));
      expect(copies.map(({ body }) => JSON.stringify(body)).toSorted()).toEqual(['"hello ✓"', '[0,255]', '{"a":[1]}']);
      for (const { waited } of copies) expect(waited).toBeGreaterThanOrEqual(2_000);
      await emptied();
      await expect.poll(outcomes).toEqual(['ok', 'ok', 'ok']);
    });

    it('acks and retries; what it retries, fails or traps at too often becomes a dead letter', async () => {
      const { send, text, letters, queue, outcomes } = await deploy();
      await send(...['ack', 'retry', 'fail', 'trap', 'later'].map(text));
      const dead = await eventually(async () => {
        const found = await letters();
        return found.length >= 3 ? found : undefined;
      });
      expect(dead.map(({ body }) => body).toSorted()).toEqual(['fail', 'retry', 'trap']);
      expect(dead.map(({ origin }) => origin)).toEqual([queue, queue, queue]);
      const [later, ...rest] = await eventually(async () => {
        const found = await host.admin.peekQueue(queue);
        return found.length === 1 && !found[0]!.leased ? found : undefined;
      });
      expect(rest).toEqual([]);
      expect(later).toMatchObject({ body: 'later', attempts: 1 });
      expect(later!.due - Date.now()).toBeGreaterThan(15_000);
      const ended = await eventually(() => (outcomes().length >= 8 ? outcomes() : undefined));
      expect(ended.toSorted()).toEqual([
        ...Array.from({ length: 2 }, () => 'guest-trapped'),
        ...Array.from({ length: 2 }, () => 'handler-threw'),
        ...Array.from({ length: 4 }, () => 'ok'),
      ]);
    });

    it.each([
      ['acked', 'ack', null],
      ['retried', 'retry', 5],
    ])('says one word for a whole batch: of the queue %s', async (queue, result, delaySeconds) => {
      const { name } = await deploy();
      const { outcome, messages } = await host.admin.invokeQueue(name, { queue, messages: [{ body: 'trap' }, { body: 1 }] });
      expect({ outcome, messages }).toMatchObject({
        outcome: 'ok',
        messages: [
          { result, delaySeconds },
          { result, delaySeconds },
        ],
      });
    });

    it('finds no queue that its manifest does not name', async () => {
      const queue = freshName();
      const consumer = `[queues]\nconsumers = [{ queue = "${queue}", max_batch_timeout = 0 }]\n`;
      const { name } = await publishComponent(host, new Uint8Array(readFileSync(new URL(`${guest}.wasm`, GUESTS))), LOCKS + consumer);
      const { outcome, messages } = await host.admin.invokeQueue(name, { messages: [{ body: 'on' }] });
      expect([outcome, messages.map(({ result }) => result)]).toEqual(['handler-threw', ['retry']]);
      const thrown = await eventually(() => host.events.find((each) => each.type === 'exception' && each.function === name));
      expect(thrown).toMatchObject({ message: expect.stringMatching(/AccessDenied.*names no binding \\?"OUT/) as string });
    });
  });
}
