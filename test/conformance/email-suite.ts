import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostEvent } from '../../host/observe/events.ts';
import type { HostOptions } from '../../host/platforms/running.ts';
import { eventually, freshName, publish, type TestHost } from './harness.ts';
import { REFUSALS } from './email-cases.ts';
import { emailSendSuite } from './email-send-suite.ts';
import { sendMail, speakSmtp } from './smtp-client.ts';

export type OpenWithMail = (options: Partial<HostOptions>) => Promise<TestHost>;

/** Does with a message what its subject says, and tells what it has seen. */
const INBOX = `
  const seen = [];
  export default {
    fetch: () => Response.json(seen),
    async email(message, env, ctx) {
      const text = await new Response(message.raw).text();
      const subject = message.headers.get('subject') ?? '';
      const to = message.headers.get('x-answer-to') ?? message.from;
      const answer = () => ({ from: message.headers.get('x-answer-from') ?? message.to, to, raw: [
        'From: ' + (message.headers.get('x-answer-from') ?? message.to), 'To: ' + to, 'Message-ID: <answer@example.com>',
        ...(subject === 'answer-unlinked' ? [] : ['In-Reply-To: ' + message.headers.get('message-id')]), '', 'Thanks'].join('\\r\\n') });
      if (subject.startsWith('reject')) return message.setReject(subject.slice(7));
      if (subject === 'throw') throw new Error('no');
      if (subject === 'later') ctx.waitUntil(Promise.reject(new Error('no')));
      if (subject === 'slow') await new Promise((resolve) => setTimeout(resolve, 60_000));
      if (subject === 'forward') await message.forward('other@example.net', new Headers({ 'X-Seen': 'yes' }));
      if (subject === 'forward-badly') await message.forward('other@example.net', new Headers({ Subject: 'mine' }));
      if (subject.startsWith('answer')) await message.reply(answer());
      if (subject === 'answer-twice') await message.reply(answer());
      const headers = Object.fromEntries(message.headers);
      seen.push({ from: message.from, to: message.to, subject, headers, size: message.rawSize, text });
    },
  };`;

interface Seen {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly size: number;
  readonly text: string;
}

export function emailSuite(open: OpenWithMail): void {
  describe('mail that comes in', () => {
    let host: TestHost;
    beforeAll(async () => {
      const smtp = { hostname: '127.0.0.1', port: 0, maxSize: 300_000, maxRecipients: 3 };
      host = await open({ mail: { mailbox: true }, smtp });
    });
    afterAll(() => host.stop());
    beforeAll(async () => void (await published('refused@example.com')));

    it('reaches the handler by SMTP, and is taken when that has ended', async () => {
      const inbox = await published('in@example.com');
      const sent = await sendMail(host.smtpUrl!, { to: 'in@example.com', subject: 'Hello', text: 'Hello, Ada' });
      expect(sent.response).toMatch(/^250 2\.0\.0/);
      const [seen] = await seenBy(inbox.url);
      expect(seen).toMatchObject({ from: 'ada@example.org', to: 'in@example.com', subject: 'Hello' });
      expect(seen!.size).toBe(seen!.text.length);
      expect(seen!.text).toMatch(/^Received: from \S+ \(\[127\.0\.0\.1\]\)\r\n by \S+ with ESMTP id \w+\r\n for <in@example\.com>; /);
      expect(seen!.text).toContain('\r\n\r\nHello, Ada');
      const isOurs = (each: HostEvent) => each.type === 'invocation' && each.function === inbox.name && each.trigger === 'email';
      expect(await eventually(() => host.events.find(isOurs))).toMatchObject({ path: 'in@example.com', outcome: 'ok' });
    });

    it('has the addresses of its live version: one, all of a domain, with what follows a + left out', async () => {
      const one = await published('Sales@shop.example');
      const all = await published('*@shop.example');
      for (const to of ['sales@shop.example', 'SALES+eu@Shop.example', 'help@shop.example'])
        await sendMail(host.smtpUrl!, { to, subject: to, text: '' });
      expect((await seenBy(one.url)).map(({ to }) => to)).toEqual(['sales@shop.example', 'SALES+eu@shop.example']);
      expect((await seenBy(all.url)).map(({ to }) => to)).toEqual(['help@shop.example']);
      expect(await host.admin.addresses()).toContainEqual({ address: 'sales@shop.example', function: one.name });
      await host.admin.removeFunction(one.name);
      await expect(host.admin.address('sales@shop.example')).resolves.toEqual({ address: 'sales@shop.example', function: all.name });
    });

    it('an address has one function', async () => {
      const first = await published('only@one.example');
      await expect(published('only@one.example')).rejects.toMatchObject({
        code: 'email-conflict',
        message: expect.stringContaining(first.name),
      });
    });

    it('is dealt to the versions of live by their weights', async () => {
      const name = freshName();
      const version = (number: number) => `export default { email: (message) => message.setReject('version ${number}') }`;
      await publish(host, version(1), { name, alias: 'live', manifest: manifestOf('weights@example.com') });
      await publish(host, version(2), { name, manifest: manifestOf('weights@example.com') });
      await host.admin.moveAlias(name, 'live', {
        versions: [
          { version: 1, weight: 50 },
          { version: 2, weight: 50 },
        ],
      });
      const answers: string[] = [];
      for (let count = 0; count < 4; count++)
        await sendMail(host.smtpUrl!, { to: 'weights@example.com', subject: '', text: '' }).catch((error: { response: string }) =>
          answers.push(error.response),
        );
      expect(answers.toSorted()).toEqual([1, 1, 2, 2].map((number) => `550 5.7.1 version ${number}`));
    });

    it.each(REFUSALS)('$title: $answer', async ({ subject, answer, raw }) => {
      const head = ['HELO client', 'MAIL FROM:<ada@example.org>', 'RCPT TO:<refused@example.com>', 'DATA'];
      const answers = await speakSmtp(host.smtpUrl!, [...head, raw ?? `Subject: ${subject}\r\n\r\nHello\r\n.`]);
      expect(answers.at(-1)).toMatch(answer);
    });

    it('is refused for who is not there, and for what is no address', async () => {
      const said = ['HELO client', 'MAIL FROM:<ada@example.org>', 'RCPT TO:<nobody@nowhere.example>', 'RCPT TO:<@@>', 'DATA'];
      const [, , , unknown, none, data] = await speakSmtp(host.smtpUrl!, said);
      expect([unknown, none, data]).toEqual([
        expect.stringMatching(/^550 5\.1\.1 /),
        expect.stringMatching(/^5(01|53) /),
        expect.stringMatching(/^503 /),
      ]);
    });

    it('has at most so many recipients, and each has a copy', async () => {
      const inbox = await published('*@many.example');
      const recipients = ['a', 'b', 'c', 'd'].map((name) => `RCPT TO:<${name}@many.example>`);
      const answers = await speakSmtp(host.smtpUrl!, ['HELO client', 'MAIL FROM:<>', ...recipients, 'DATA', 'Subject: many\r\n\r\n.']);
      expect(answers.slice(3).map((answer) => answer.slice(0, 3))).toEqual(['250', '250', '250', '452', '354', '250']);
      const seen = await seenBy(inbox.url);
      expect(seen.map(({ to, from }) => `${from} ${to}`).toSorted()).toEqual(['a', 'b', 'c'].map((name) => ` ${name}@many.example`));
      for (const { to, text } of seen) expect(text).toContain(`for <${to}>`);
    });

    it('refused for some recipients, it is refused, and the answer says who has it', async () => {
      await published('yes@mixed.example');
      await publish(host, "export default { email: (message) => message.setReject('Not here') }", {
        manifest: { email: { addresses: ['no@mixed.example'] } },
      });
      const said = [
        'HELO client',
        'MAIL FROM:<ada@example.org>',
        'RCPT TO:<yes@mixed.example>',
        'RCPT TO:<no@mixed.example>',
        'DATA',
        'Subject: x\r\n\r\n.',
      ];
      expect((await speakSmtp(host.smtpUrl!, said)).at(-1)).toBe('550 5.7.1 <no@mixed.example>: Not here (1 of 2 recipients have it)');
    });

    it('has headers that are unfolded, with other bytes and controls as a Headers can have them', async () => {
      const inbox = await published('odd@example.com');
      const raw = Buffer.concat([
        Buffer.from(
          'Subject: one\r\n two\r\n\tthree\r\nX-Zero: a\0b\r\nnot a header\r\nX-Bad Name: x\r\nX-Same: 1\r\nX-Same: 2\r\nX-Latin: caf',
        ),
        Buffer.from([0xe9]),
        Buffer.from('\r\n\r\n..dot\r\n.'),
      ]);
      await speakSmtp(host.smtpUrl!, ['HELO evil(name)', 'MAIL FROM:<ada@example.org>', 'RCPT TO:<odd@example.com>', 'DATA', raw]);
      const [seen] = await seenBy(inbox.url);
      expect(seen!.headers).toMatchObject({ subject: 'one two three', 'x-zero': 'ab', 'x-same': '1, 2', 'x-latin': 'café' });
      expect(seen!.headers).not.toHaveProperty('not a header');
      expect(seen!.text).toMatch(/\r\n\r\n\.dot\r\n$/);
    });

    it('offers neither TLS nor login without a certificate', async () => {
      const [, , starttls, login] = await speakSmtp(host.smtpUrl!, ['EHLO client', 'STARTTLS', 'AUTH PLAIN AGEAYg==']);
      expect([starttls, login]).toEqual([expect.stringMatching(/^50[02] /), expect.stringMatching(/^50[02] /)]);
    });

    it('is handed to the handler by the admin API too, without an address', async () => {
      const inbox = await published('api@example.com');
      const mail = { from: 'ada@example.org', to: 'any@example.com' };
      const result = await host.admin.email(inbox.name, { ...mail, raw: bytes('Subject: by hand\r\n\r\nHi') });
      expect(result).toMatchObject({ rejected: null, version: 1, alias: 'live' });
      expect((await seenBy(inbox.url))[0]).toMatchObject({ ...mail, subject: 'by hand' });
      expect(await host.admin.email(inbox.name, { ...mail, reference: '1', raw: bytes('Subject: reject so\r\n\r\n') })).toMatchObject({
        rejected: 'so',
        alias: null,
      });
      await expect(host.admin.email(inbox.name, { ...mail, raw: bytes('Subject: throw\r\n\r\n') })).rejects.toMatchObject({
        code: 'handler-threw',
      });
      await expect(host.admin.email(inbox.name, { from: 'no', to: 'any@example.com', raw: bytes('') })).rejects.toMatchObject({
        code: 'bad-request',
      });
      await expect(host.admin.receive({ ...mail, to: 'x@nowhere.example', raw: bytes('') })).rejects.toMatchObject({
        code: 'address-not-found',
      });
      const without = await publish(host, 'export default { fetch: () => new Response() }');
      await expect(host.admin.email(without.name, { ...mail, raw: bytes('') })).rejects.toMatchObject({
        code: 'handler-missing',
        message: expect.stringContaining('no email handler'),
      });
    });

    it('goes on as it is, with X- headers before its own', async () => {
      const inbox = await published('forward@example.com');
      const mail = { from: 'ada@example.org', to: 'forward@example.com' };
      await host.admin.receive({ ...mail, raw: bytes('Subject: forward\r\n\r\nHi') });
      const [kept] = await host.admin.mails();
      expect(kept).toMatchObject({ function: inbox.name, from: 'ada@example.org', to: ['other@example.net'], subject: 'forward' });
      expect(new TextDecoder().decode(await host.admin.mail(kept!.id))).toBe('x-seen: yes\r\nSubject: forward\r\n\r\nHi');
      await expect(host.admin.receive({ ...mail, raw: bytes('Subject: forward-badly\r\n\r\nHi') })).rejects.toMatchObject({
        code: 'handler-threw',
      });
    });

    it('is answered to its sender, once, from its own domain, with its id', async () => {
      await published('answer@example.com');
      const mail = { from: 'ada@example.org', to: 'answer@example.com' };
      const receive = (subject: string, more = '', from = mail.from) =>
        host.admin.receive({ ...mail, from, raw: bytes(`Subject: ${subject}\r\nMessage-ID: <one@example.org>\r\n${more}\r\nHi`) });
      await host.admin.purgeMail();
      await receive('answer');
      expect(await host.admin.mails()).toMatchObject([{ from: 'answer@example.com', to: ['ada@example.org'] }]);
      for (const refused of [
        () => receive('answer-unlinked'),
        () => receive('answer-to', 'X-Answer-To: other@example.org\r\n'),
        () => receive('answer-from', 'X-Answer-From: boss@other.example\r\n'),
        () => receive('answer', '', ''),
      ])
        await expect(refused()).rejects.toMatchObject({ code: 'handler-threw' });
      expect(await host.admin.mails()).toHaveLength(1);
      await expect(receive('answer-twice')).rejects.toMatchObject({ code: 'handler-threw' });
      expect(await host.admin.mails()).toHaveLength(2);
    });

    function published(...addresses: string[]) {
      const manifest = {
        ...manifestOf(...addresses),
        scaling: { max_cells: 1 },
        limits: { deadline_ms: 3_000 },
      };
      return publish(host, INBOX, { manifest });
    }

    async function seenBy(url: string): Promise<Seen[]> {
      return (await (await fetch(url)).json()) as Seen[];
    }
  });

  emailSendSuite(open);
}

function manifestOf(...addresses: string[]) {
  return { email: { addresses } };
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
