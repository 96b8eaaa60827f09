import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, publish, type TestHost } from '../../test/conformance/harness.ts';
import { openRelay, type TestRelay } from '../../test/conformance/relay-server.ts';
import { ENGINES, publishExample } from '../../test/functions/open.ts';

const SENDER = `export default {
  async fetch(request, env) {
    await env.NOTICES.send(await request.json());
    return new Response(null, { status: 202 });
  },
};`;

describe.each(ENGINES)('notify-email-callback on %s', (_name, open) => {
  let relay: TestRelay;
  let host: TestHost;
  let send: (notice: { about: string; text: string }) => Promise<Response>;
  beforeAll(async () => {
    relay = await openRelay();
    host = await open({ mail: { relay: relay.url, mailbox: false } });
    await publishExample(host, 'notify-email-callback');
    const { url } = await publish(host, SENDER, { manifest: { queues: { producers: [{ binding: 'NOTICES', queue: 'old-notices' }] } } });
    send = (notice) => fetch(url, { method: 'POST', body: JSON.stringify(notice) });
  });
  afterAll(async () => {
    await host.stop();
    await relay.stop();
  });

  it('a message causes a notice, though the relay fails first', async () => {
    relay.failing.push({ code: 451, text: 'Not now' });
    await send({ about: 'Disk full', text: 'At 99 %.' });
    const [notice] = await eventually(() => (relay.taken.length > 0 ? relay.taken : undefined));
    expect(notice!.text).toMatch(/^Subject: Notice: Disk full\r$/m);
    expect(relay.attempts()).toBe(2);
  });

  it('what cannot be sent in four tries is a dead letter', async () => {
    const before = relay.attempts();
    for (let count = 0; count < 4; count++) relay.failing.push({ code: 450, text: 'Not now' });
    await send({ about: 'Given up', text: '' });
    const [letter] = await eventually(async () => {
      const letters = await host.admin.peekQueue('old-notices-dead');
      return letters.length > 0 ? letters : undefined;
    }, 20_000);
    expect(letter).toMatchObject({ body: '{"about":"Given up","text":""}', origin: 'old-notices' });
    expect(relay.attempts() - before).toBe(4);
  });
});
