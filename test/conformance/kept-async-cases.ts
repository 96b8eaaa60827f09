import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, type TestHost } from './harness.ts';
import { ended, publishCounter, type Counter } from './kept-counter.ts';
import { publishComponent } from './publish-component.ts';

const COMPONENT = new URL('../../functions/api-rust/api.wasm', import.meta.url);
const LATER = { prefer: 'respond-async' };

export function asyncCases(host: () => TestHost): void {
  describe('Prefer: respond-async', () => {
    let fn: Counter;
    beforeAll(async () => {
      fn = await publishCounter(host(), { async: { enabled: true, max_attempts: 3, retry_delay: 0 } });
    });

    const responseOf = async (url: string) => fetch(new URL(url, host().url));

    it('is answered 202 at once, and the response is there once it has run', async () => {
      const accepted = await fn.send('first?status=201', { headers: { prefer: 'wait=5, Respond-Async; x=1' } });
      expect(accepted.status).toBe(202);
      expect(accepted.headers.get('preference-applied')).toBe('respond-async');
      expect(accepted.headers.get('location')).toMatch(new RegExp(`^/_brink/invocations/${fn.name}/[0-9a-f]{48}$`));
      const shown = await ended(host(), accepted);
      expect(shown).toMatchObject({ function: fn.name, version: 1, status: 'done', attempts: 1, maxAttempts: 3, error: null });
      expect(shown.response).toMatchObject({ status: 201, kept: true });
      const response = await responseOf(shown.response!.url);
      expect(response.status).toBe(201);
      expect(response.headers.get('x-own')).toBe('yes');
      expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(await response.text()).toBe('1 v1 POST hello');
    });

    it('works for GET, and for responses without a body', async () => {
      const accepted = await fn.send('get?empty', { headers: LATER, method: 'GET' });
      expect(accepted.status).toBe(202);
      const response = await responseOf((await ended(host(), accepted)).response!.url);
      expect(response.status).toBe(204);
    });

    it('means nothing to a function that does not allow it', async () => {
      const other = await publishCounter(host(), {});
      const response = await other.send('plain', { headers: LATER });
      expect(response.status).toBe(200);
      expect(response.headers.get('preference-applied')).toBeNull();
    });

    it('tries again what answered 5xx', async () => {
      const shown = await ended(host(), await fn.send('flaky?failures=2', { headers: LATER }));
      expect(shown).toMatchObject({ status: 'done', attempts: 3, error: null });
      expect(await fn.count('flaky')).toBe(3);
    });

    it('does not try again what answered 4xx', async () => {
      const shown = await ended(host(), await fn.send('refused?status=404', { headers: LATER }));
      expect(shown).toMatchObject({ status: 'done', attempts: 1, response: { status: 404 } });
    });

    it('fails for good after the last attempt, and says why', async () => {
      const threw = await ended(host(), await fn.send('threw?throw', { headers: LATER }));
      expect(threw).toMatchObject({ status: 'failed', attempts: 3, error: { code: 'handler-threw' }, response: null });
      expect(await fn.count('threw')).toBe(3);
      const refused = await ended(host(), await fn.send('refusing?failures=9', { headers: LATER }));
      expect(refused).toMatchObject({ status: 'failed', error: { code: 'status' }, response: { status: 503 } });
      expect(await (await responseOf(refused.response!.url)).text()).toBe('not yet');
    });

    it('keeps no body of more than 1 MiB, and takes none', async () => {
      const shown = await ended(host(), await fn.send('large?large', { headers: LATER }));
      expect(shown).toMatchObject({ status: 'done', response: { status: 200, kept: false } });
      const gone = await responseOf(shown.response!.url);
      expect([gone.status, ((await gone.json()) as { code: string }).code]).toEqual([410, 'response-not-kept']);
      const refused = await fn.send('too-large', { headers: LATER, body: new Uint8Array(2 ** 20 + 1) });
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([413, 'request-too-large']);
      expect(await fn.count('too-large')).toBe(0);
    });

    it('stays on the version that has accepted it', async () => {
      const moving = await publishCounter(host(), { async: { enabled: true, retry_delay: 1 } });
      const accepted = await moving.send('moving?failures=1', { headers: LATER });
      await eventually(async () => ((await moving.count('moving')) >= 1 ? true : undefined));
      await publishCounter(host(), { async: { enabled: true }, vars: { other: 1 } }, moving.name);
      const shown = await ended(host(), accepted);
      expect(shown).toMatchObject({ status: 'done', version: 1, attempts: 2 });
      expect(await (await responseOf(shown.response!.url)).text()).toBe('2 v1 POST hello');
    });

    it('tells the queues of the manifest', async () => {
      const [good, bad] = [`good-${Date.now()}`, `bad-${Date.now()}`];
      const telling = await publishCounter(host(), {
        async: { enabled: true, max_attempts: 1, on_success: good, on_failure: bad },
        queues: { consumers: [good, bad].map((queue) => ({ queue, max_batch_timeout: 0 })) },
      });
      const shown = [
        await ended(host(), await telling.send('a', { headers: LATER })),
        await ended(host(), await telling.send('b?throw', { headers: LATER })),
      ];
      expect(shown.map(({ status }) => status)).toEqual(['done', 'failed']);
      const told = ({ id }: { id: string }) =>
        eventually(async () => (await (await fetch(`${telling.url}${id}?told`)).text()) || undefined);
      expect([await told(shown[0]!), await told(shown[1]!)]).toEqual([`${good} done`, `${bad} failed`]);
    });

    it('runs again what took its cell along, or the whole runtime', async () => {
      const spinning = await publishCounter(host(), { async: { enabled: true, retry_delay: 0 }, limits: { deadline_ms: 3_000 } });
      const accepted = await spinning.send('spinning?spin', { headers: LATER });
      expect(accepted.status).toBe(202);
      const shown = await ended(host(), accepted);
      expect(shown).toMatchObject({ status: 'done', attempts: 2 });
      expect(await (await responseOf(shown.response!.url)).text()).toBe('2 v1 POST hello');
    });

    it('has components too', async () => {
      const component = await publishComponent(host(), await readFile(COMPONENT), '[async]\nenabled = true\n');
      const accepted = await fetch(`${component.url}/`, { headers: LATER });
      const shown = await ended(host(), accepted);
      expect(shown).toMatchObject({ status: 'done', attempts: 1, response: { kept: true } });
      const [later, now] = [await responseOf(shown.response!.url), await fetch(`${component.url}/`)];
      expect([later.status, await later.text()]).toEqual([now.status, await now.text()]);
    });

    it('shows nothing to who has no id of it', async () => {
      const accepted = await fn.send('secret', { headers: LATER });
      const location = accepted.headers.get('location')!;
      for (const path of [
        location.slice(0, -1) + (location.endsWith('0') ? '1' : '0'),
        '/_brink/invocations/',
        `/_brink/invocations/${fn.name}`,
      ]) {
        const response = await fetch(host().url + path);
        expect([response.status, ((await response.json()) as { code: string }).code], path).toEqual([404, 'invocation-not-found']);
      }
      expect((await fetch(host().url + location, { method: 'DELETE' })).status).toBe(405);
    });

    it('forgets the result after its time', async () => {
      const brief = await publishCounter(host(), { async: { enabled: true, result_ttl: 3 } });
      const accepted = await brief.send('brief', { headers: LATER });
      await ended(host(), accepted);
      const url = new URL(accepted.headers.get('location')!, host().url);
      expect(await eventually(async () => ((await fetch(url)).status === 404 ? 404 : undefined))).toBe(404);
    });

    it('takes no more than may wait', async () => {
      const full = await publishCounter(host(), { async: { enabled: true, max_pending: 1 } });
      const first = await full.send('full?slow', { headers: LATER });
      const second = await full.send('full?slow', { headers: LATER });
      expect([first.status, second.status]).toEqual([202, 503]);
      expect(second.headers.get('retry-after')).toBe('10');
      expect(await second.json()).toMatchObject({ code: 'async-full', limit: 1 });
      expect(await ended(host(), first)).toMatchObject({ status: 'done' });
      expect(await full.count('full')).toBe(1);
    });
  });
}
