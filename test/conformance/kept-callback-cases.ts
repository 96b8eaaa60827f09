import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freshName, type TestHost } from './harness.ts';
import { ended, publishCounter, type Counter } from './kept-counter.ts';

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Told {
  readonly status: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly next: string | null;
}

const LATER = { prefer: 'respond-async' };
const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const SECRET = `whsec_${KEY.toString('base64')}`;
/** Of a network that is nobody's but its own. RFC 1918. */
const PRIVATE = 'http://10.1.2.3/hook';

/** The end of a request for later, told by HTTP. */
export function callbackCases(host: () => TestHost): void {
  describe('a callback', () => {
    const calls: Call[] = [];
    let server: Server;
    let receiver: string;
    beforeAll(async () => {
      server = createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          const { headers, url: path } = request;
          calls.push({ path: path!, headers, body: Buffer.concat(parts).toString() });
          const { status = '204', failures = '0' } = Object.fromEntries(new URL(path!, 'http://x').searchParams);
          const failed = calls.filter((call) => call.path === path).length <= Number(failures);
          response.writeHead(failed ? 503 : Number(status), { location: `${receiver}/elsewhere` }).end('and a body');
        });
      });
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => server.close());

    const publish = async (callback: Record<string, unknown>, manifest: Record<string, unknown> = {}): Promise<Counter> => {
      const name = freshName();
      await host().admin.putSecret(name, 'SIGNING', SECRET);
      const settings = { retry_delay: 0, secret: 'SIGNING', ...callback };
      return publishCounter(host(), { async: { enabled: true, max_attempts: 1, callback: settings }, ...manifest }, name);
    };
    const callsAt = (path: string) => calls.filter((call) => call.path.startsWith(path));
    const told = async (accepted: Response): Promise<Told> => {
      const location = new URL(accepted.headers.get('location')!, host().url);
      await ended(host(), accepted);
      return eventually(async () => {
        const { callback } = (await (await fetch(location)).json()) as { callback: Told };
        return callback.status === 'pending' ? undefined : callback;
      });
    };

    it('goes to the URL of the manifest, signed as Standard Webhooks says', async () => {
      const fn = await publish({ url: `${receiver}/done` });
      const accepted = await fn.send('a?status=201', { headers: LATER });
      const shown = await ended(host(), accepted);
      expect(await told(accepted)).toMatchObject({ status: 'delivered', attempts: 1, error: null, next: null });
      const [call, ...others] = callsAt('/done');
      expect(others).toEqual([]);
      const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = call!.headers as Record<string, string>;
      expect(id).toBe(shown.id);
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
      const wanted = createHmac('sha256', KEY).update(`${id}.${timestamp}.${call!.body}`).digest('base64');
      expect(signature).toBe(`v1,${wanted}`);
      expect(call!.headers['content-type']).toBe('application/json');
      expect(JSON.parse(call!.body)).toMatchObject({
        type: 'invocation.done',
        timestamp: shown['ended'],
        data: { id: shown.id, function: fn.name, status: 'done', response: { status: 201 } },
      });
    });

    it('says that a request has failed', async () => {
      const fn = await publish({ url: `${receiver}/failed` });
      await told(await fn.send('a?throw', { headers: LATER }));
      expect(JSON.parse(callsAt('/failed')[0]!.body)).toMatchObject({
        type: 'invocation.failed',
        data: { error: { code: 'handler-threw' } },
      });
    });

    it('is tried again with the same id, and no more than it may be', async () => {
      const fn = await publish({ url: `${receiver}/flaky?failures=2`, max_attempts: 3 });
      expect(await told(await fn.send('a', { headers: LATER }))).toMatchObject({ status: 'delivered', attempts: 3 });
      expect(new Set(callsAt('/flaky').map(({ headers }) => headers['webhook-id']))).toHaveLength(1);
      const hopeless = await publish({ url: `${receiver}/hopeless?failures=9`, max_attempts: 2 });
      const last = await told(await hopeless.send('a', { headers: LATER }));
      expect(last).toMatchObject({ status: 'failed', attempts: 2, error: 'It answered 503.', next: null });
      expect(callsAt('/hopeless')).toHaveLength(2);
      expect(await hopeless.count('a')).toBe(1);
    });

    it('follows no redirect, and takes 410 for the end', async () => {
      const moved = await publish({ url: `${receiver}/moved?status=302`, max_attempts: 1 });
      expect(await told(await moved.send('a', { headers: LATER }))).toMatchObject({ status: 'failed', error: 'It answered 302.' });
      expect(callsAt('/elsewhere')).toEqual([]);
      const gone = await publish({ url: `${receiver}/gone?status=410` });
      expect(await told(await gone.send('a', { headers: LATER }))).toMatchObject({
        status: 'failed',
        attempts: 1,
        error: 'It answered 410.',
      });
    });

    it('goes where the client asks, of the hosts that the manifest names', async () => {
      const fn = await publish({ hosts: ['127.0.0.1', '*.example.com'] });
      const send = (url: string, path = 'a') => fn.send(path, { headers: { ...LATER, 'brink-callback': url } });
      expect(await told(await send(`${receiver}/asked`))).toMatchObject({ status: 'delivered' });
      expect(callsAt('/asked')).toHaveLength(1);
      const without = await ended(host(), await fn.send('b', { headers: LATER }));
      expect(without['callback']).toBeUndefined();
      for (const url of [
        'http://example.com/',
        'http://127.0.0.1.example.org/',
        'ftp://127.0.0.1/',
        'http://u:p@127.0.0.1/',
        'no URL',
        'http://[::1]/',
      ]) {
        const refused = await send(url, 'refused');
        expect([url, refused.status, ((await refused.json()) as { code: string }).code]).toEqual([url, 400, 'callback-refused']);
      }
      expect(await fn.count('refused')).toBe(0);
      const plain = await publishCounter(host(), { async: { enabled: true } });
      expect((await plain.send('a', { headers: { ...LATER, 'brink-callback': receiver } })).status).toBe(400);
    });

    it('reaches no more than the function itself', async () => {
      const inside = await publish({ url: PRIVATE });
      const first = await told(await inside.send('a', { headers: LATER }));
      expect(first).toMatchObject({ status: 'failed', attempts: 1, error: expect.stringContaining('its address is private') as string });
      const limited = await publish({ url: `${receiver}/limited` }, { capabilities: { outbound: ['api.example.com'] } });
      const second = await told(await limited.send('a', { headers: LATER }));
      expect(second).toMatchObject({ status: 'failed', error: expect.stringContaining('capabilities.outbound') as string });
      expect(callsAt('/limited')).toEqual([]);
    });

    it('is told of a secret that signs nothing, and of none', async () => {
      const name = freshName();
      const settings = { async: { enabled: true, callback: { url: `${receiver}/unsigned`, secret: 'SIGNING', max_attempts: 1 } } };
      await expect(publishCounter(host(), settings, name)).rejects.toMatchObject({ code: 'secret-missing' });
      await host().admin.putSecret(name, 'SIGNING', 'not a key');
      const fn = await publishCounter(host(), settings, name);
      const last = await told(await fn.send('a', { headers: LATER }));
      expect(last).toMatchObject({ status: 'failed', error: 'The secret is not whsec_ and base64 of 24 to 64 bytes.' });
      expect(callsAt('/unsigned')).toEqual([]);
    });
  });
}
