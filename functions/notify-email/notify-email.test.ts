import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type TestHost } from '../../test/conformance/harness.ts';
import { openRelay, type TestRelay } from '../../test/conformance/relay-server.ts';
import { sendMail } from '../../test/conformance/smtp-client.ts';
import { ENGINES, publishExample } from '../../test/functions/open.ts';

describe.each(ENGINES)('on %s', (_name, open) => {
  let relay: TestRelay;
  let host: TestHost;
  beforeAll(async () => {
    relay = await openRelay();
    host = await open({ mail: { relay: relay.url, mailbox: false }, smtp: { hostname: '127.0.0.1', port: 0 } });
    await publishExample(host, 'notify-email');
  });
  afterAll(async () => {
    await host.stop();
    await relay.stop();
  });

  const taken = (count: number) => eventually(() => (relay.taken.length >= count ? relay.taken : undefined));
  const textOf = (mail: string) => Buffer.from(mail.slice(mail.indexOf('\r\n\r\n')), 'base64').toString();

  it('an e-mail causes a notice, though the relay fails twice, later each time', async () => {
    const before = performance.now();
    relay.failing.push({ code: 451, text: 'Not now' }, { code: 421, text: 'Not now either' });
    await sendMail(host.smtpUrl!, { to: 'alerts@example.com', subject: 'Disk full', text: '' });
    const [notice] = await taken(1);
    expect(notice).toMatchObject({ from: 'notices@example.com', to: ['team@example.com'] });
    expect(textOf(notice!.text)).toBe('ada@example.org wrote to alerts@example.com.');
    expect(notice!.text).toMatch(/^Subject: Notice: Disk full\r$/m);
    expect(relay.attempts()).toBe(3);
    // One second, then two.
    expect(performance.now() - before).toBeGreaterThan(2_900);
  });

  it('a message of the queue causes one too', async () => {
    const batch = { messages: [{ body: { about: 'Deployed 日本', text: 'By hand.' } }] };
    expect(await host.admin.invokeQueue('notify-email', batch)).toMatchObject({ outcome: 'ok', messages: [{ result: 'ack' }] });
    expect(textOf((await taken(2)).at(-1)!.text)).toBe('By hand.');
  });

  it('what the relay refuses for good is a dead letter at once', async () => {
    const before = relay.attempts();
    relay.failing.push({ code: 554, text: 'Spam' });
    await sendMail(host.smtpUrl!, { to: 'x@alerts.example.com', subject: 'Refused', text: '' });
    const letter = await letterAbout('Refused');
    expect(JSON.parse(letter)).toMatchObject({ text: 'ada@example.org wrote to x@alerts.example.com.' });
    expect(relay.attempts()).toBe(before + 1);
  });

  it('what it does not take in five tries is a dead letter then', async () => {
    await publishExample(host, 'notify-email', { env: 'hasty', alias: 'live' });
    const before = relay.attempts();
    for (let count = 0; count < 5; count++) relay.failing.push({ code: 450, text: 'Not now' });
    await sendMail(host.smtpUrl!, { to: 'alerts@example.com', subject: 'Given up', text: '' });
    await letterAbout('Given up');
    expect(relay.attempts()).toBe(before + 5);
    expect(relay.failing).toEqual([]);
  });

  async function letterAbout(about: string): Promise<string> {
    return eventually(async () => {
      const letters = await host.admin.peekQueue('notices-dead');
      return letters.find(({ body }) => body.includes(about))?.body;
    });
  }
});
