import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watComponent } from '../component/wat-component.ts';
import { emailGuest, emailWorld } from '../component/wat-email.ts';
import type { OpenWithMail } from './email-suite.ts';
import { eventually, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';

const CONFIG = `send_email = [{ name = "EMAIL" }]\nqueues = { producers = [{ binding = "QUEUE", queue = "q" }] }\n`;

/** A component that takes mail, forwards it and sends it. */
export function componentEmailSuite(open: OpenWithMail): void {
  describe.each(['0.2', '0.3'] as const)('mail for a component of WASI %s', (generation) => {
    let host: TestHost;
    let name: string;
    beforeAll(async () => {
      host = await open({ mail: { mailbox: true } });
      const version = `${generation}.0`;
      ({ name } = await publishComponent(host, await watComponent(generation, emailGuest(version), emailWorld(version)), CONFIG));
    });
    afterAll(() => host.stop());

    const receive = (text: string) =>
      host.admin.email(name, { from: 'ada@example.org', to: 'in@example.com', raw: new TextEncoder().encode(text) });
    const errors = (text: string) => eventually(() => host.events.find((each) => each.type === 'exception' && each.message.includes(text)));

    it('is taken, and rejected with a reason', async () => {
      expect(await receive('plain')).toMatchObject({ rejected: null });
      expect(await receive('reject')).toMatchObject({ rejected: 'in@example.com' });
    });

    it('fails by an error and by a trap', async () => {
      await expect(receive('error: my own words')).rejects.toMatchObject({ code: 'handler-threw' });
      expect(await errors('error: my own words')).toBeDefined();
      await expect(receive('trap')).rejects.toMatchObject({ code: 'guest-trapped' });
    });

    it('is forwarded, and sent by a binding', async () => {
      await host.admin.purgeMail();
      await receive('forward: me');
      await receive('s: x\r\nFrom: other@example.net\r\nMessage-ID: <1@example.net>\r\n\r\nHi');
      expect(await host.admin.mails()).toMatchObject([
        { from: 'other@example.net', to: ['other@example.net'], function: name },
        { from: 'ada@example.org', to: ['other@example.net'], function: name },
      ]);
    });

    it('is not sent where it is no message, or by what sends no mail', async () => {
      await expect(receive('s: x\r\n\r\nHi')).rejects.toMatchObject({ code: 'handler-threw' });
      expect(await errors('The message has no Message-ID header.')).toBeDefined();
      await expect(receive('q')).rejects.toMatchObject({ code: 'handler-threw' });
      expect(await errors('is no binding that sends mail')).toBeDefined();
    });
  });
}
