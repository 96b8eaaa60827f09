import { describe, expect, it, onTestFinished } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { MailFailure } from '../../host/mail/failure.ts';
import { relayOf } from '../../host/platforms/smtp/relay.ts';
import { openRelay } from '../conformance/relay-server.ts';

const PASSWORD = 's3cret-of-the-relay';
const MAIL = { from: 'me@example.com', to: ['you@example.net'], raw: new TextEncoder().encode('Subject: x\r\n\r\nHi') };

describe('a relay', () => {
  it('gets the login, which no error has', async () => {
    const logins: unknown[] = [];
    const server = await openRelay({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, callback) {
        logins.push([username, password]);
        if (password === PASSWORD) return callback(null, { user: username });
        return callback(new Error(`No login for ${username} with ${password}`));
      },
    });
    onTestFinished(server.stop);
    const { host } = new URL(server.url);
    const right = relayOf({ relay: `smtp://me%40example.com@${host}`, password: PASSWORD })!;
    onTestFinished(right.close);
    await right.send(MAIL);
    expect(logins).toEqual([['me@example.com', PASSWORD]]);
    const wrong = relayOf({ relay: `smtp://me%40example.com:${PASSWORD}2@${host}` })!;
    onTestFinished(wrong.close);
    const failure = await wrong.send(MAIL).catch((error: unknown) => error as MailFailure);
    expect(failure).toMatchObject({ code: 'E_INTERNAL_SERVER_ERROR' });
    for (const hidden of [PASSWORD, 'me@example.com', host])
      expect(JSON.stringify([failure!.message, failure!.stack])).not.toContain(hidden);
  });

  it('that is not there may be there later, and where it is stays untold', async () => {
    const server = await openRelay();
    await server.stop();
    const relay = relayOf({ relay: server.url })!;
    onTestFinished(relay.close);
    const failure = await relay.send(MAIL).catch((error: unknown) => error as MailFailure);
    expect(failure).toMatchObject({ code: 'E_INTERNAL_SERVER_ERROR', message: expect.stringMatching(/^The relay cannot be reached now/) });
    expect((failure as MailFailure).message).not.toContain('127.0.0.1');
  });

  it.each(['http://relay', 'smtp:', `me:${PASSWORD}@relay`])('is no %s, and the error does not say what it was', (url) => {
    const failed = () => relayOf({ relay: url });
    expect(failed).toThrow(BrinkError);
    expect(failed).not.toThrow(PASSWORD);
  });
});
