import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OpenWithMail } from './email-suite.ts';
import { build, project } from '../build/project.ts';
import { publish, type TestHost } from './harness.ts';
import { openRelay, type TestRelay } from './relay-server.ts';
import { SENT, UNSENT } from './email-send-cases.ts';

/** Sends what it is told to by the binding that the path names. */
const SENDER = `
  export default {
    async fetch(request, env) {
      const message = await request.json();
      if (message.stream) message.raw = new Response(message.raw).body;
      if (message.bytes) message.attachments[0].content = new TextEncoder().encode(message.bytes);
      try {
        return Response.json(await env[new URL(request.url).pathname.slice(1)].send(message));
      } catch (error) {
        return Response.json({ name: error.name, code: error.code, message: error.message }, { status: 400 });
      }
    },
  };`;

const BINDINGS = [
  { name: 'EMAIL' },
  { name: 'ONE', destination_address: 'one@example.net' },
  { name: 'SOME', allowed_destination_addresses: ['a@example.net', 'B@example.net'], allowed_sender_addresses: ['me@example.com'] },
];

export function emailSendSuite(open: OpenWithMail): void {
  describe('mail that goes out', () => {
    let relay: TestRelay;
    let host: TestHost;
    let url: string;
    beforeAll(async () => {
      relay = await openRelay();
      host = await open({ mail: { mailbox: false, relay: relay.url } });
      ({ url } = await publish(host, SENDER, { manifest: { send_email: BINDINGS } }));
    });
    afterAll(async () => {
      await host.stop();
      await relay.stop();
    });
    afterEach(() => relay.failing.splice(0));

    async function send(binding: string, message: object): Promise<Record<string, string>> {
      return (await (await fetch(url + binding, { method: 'POST', body: JSON.stringify(message) })).json()) as Record<string, string>;
    }

    it.each(SENT)('$title', async ({ binding = 'EMAIL', message, envelope, text }) => {
      const before = relay.taken.length;
      expect(await send(binding, message)).toEqual({ messageId: expect.stringMatching(/^<.+@.+>$/) });
      expect(relay.taken).toHaveLength(before + 1);
      const taken = relay.taken.at(-1)!;
      expect({ from: taken.from, to: taken.to }).toEqual(envelope);
      for (const part of text) expect(taken.text).toMatch(part);
    });

    it.each(UNSENT)('$title: $code', async ({ binding = 'EMAIL', message, code }) => {
      const before = relay.attempts();
      expect(await send(binding, message)).toMatchObject({ code });
      expect(relay.attempts()).toBe(before);
    });

    it('EmailMessage is imported from cloudflare:email', async () => {
      const dir = await project({
        'brink.toml': 'name = "imports"\nmain = "index.js"\nsend_email = [{ name = "EMAIL" }]',
        'index.js': `import { EmailMessage } from 'cloudflare:email';
          const raw = 'From: me@example.com\\r\\nMessage-ID: <own@example.com>\\r\\n\\r\\nHello';
          export default {
            fetch: async (_request, env) => Response.json(await env.EMAIL.send(new EmailMessage('me@example.com', 'you@example.net', raw))),
          };`,
      });
      await host.admin.publish('imports', (await build(dir)).bytes);
      expect(await (await fetch(`${host.url}/imports/`)).json()).toEqual({ messageId: '<own@example.com>' });
    });

    it.each([
      [451, 'E_INTERNAL_SERVER_ERROR'],
      [550, 'E_DELIVERY_FAILED'],
      [552, 'E_CONTENT_TOO_LARGE'],
    ] as const)('an answer of %i to the message: %s', async (answer, code) => {
      relay.failing.push({ code: answer, text: 'not now' });
      const failure = await send('EMAIL', { from: 'me@example.com', to: 'you@example.net', subject: 'x', text: 'y' });
      expect(failure).toMatchObject({ code, message: expect.stringContaining('not now') });
    });

    it.each([
      ['a recipient', { to: 'nobody@example.net' }, 'E_RECIPIENT_NOT_ALLOWED'],
      ['one of two recipients', { to: ['you@example.net', 'nobody@example.net'] }, 'E_RECIPIENT_NOT_ALLOWED'],
      ['the sender', { from: 'stranger@example.com' }, 'E_SENDER_NOT_VERIFIED'],
    ])('%s that the relay does not take', async (_title, envelope, code) => {
      expect(await send('EMAIL', { from: 'me@example.com', to: 'you@example.net', subject: 'x', text: 'y', ...envelope })).toMatchObject({
        code,
      });
    });
  });
}
