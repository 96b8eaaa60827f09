import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signGithub } from '../webhooks/sign.ts';
import { eventually, freshName, publish, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';
import { publishReceiver } from './webhooks-receiver.ts';

const secret = 'a secret';
const WEBHOOK = { path: '/hooks', scheme: 'github', secret: 'SECRET' };
const SECRETS = { SECRET: secret };
const delivery = (id: string, body: unknown = { id }) => signGithub(JSON.stringify(body), { secret, headers: { 'x-github-delivery': id } });

/** What becomes of what was taken. */
export function deliveryCases(host: () => TestHost): void {
  describe('deliveries', () => {
    it('come once: the same again is answered alike, and comes no more', async () => {
      const fn = await publishReceiver(host(), { webhooks: [WEBHOOK], secrets: SECRETS });
      expect(await (await fn.post('hooks', delivery('one'))).json()).toEqual({ accepted: 1, duplicates: 0 });
      const again = await fn.post('hooks', delivery('one', { other: true }));
      expect([again.status, await again.json()]).toEqual([202, { accepted: 0, duplicates: 1 }]);
      await fn.post('hooks', delivery('two'));
      expect((await fn.came(2)).map(({ body }) => body.id)).toEqual(['one', 'two']);
    });

    it('that come at the same time come once', async () => {
      const fn = await publishReceiver(host(), { webhooks: [WEBHOOK], secrets: SECRETS });
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => fn.outcome('hooks', delivery('same'))));
      expect(new Set(outcomes.map(([status, code]) => `${status} ${code}`))).toSatisfy((seen: Set<string>) =>
        [...seen].every((each) => each === '202 undefined' || each === '409 webhook-running'),
      );
      expect(outcomes.some(([status]) => status === 202)).toBe(true);
      await fn.post('hooks', delivery('last'));
      expect((await eventually(async () => (await fn.came(2)).map(({ body }) => body.id))).toSorted()).toEqual(['last', 'same']);
    });

    it('are of a path of their function alone: other paths are the function’s, and other methods nobody’s', async () => {
      const fn = await publishReceiver(host(), { webhooks: [WEBHOOK], secrets: SECRETS });
      expect(await (await fetch(`${fn.url}hooks/other`)).text()).toBe('the function: GET');
      expect(await (await fn.post('', { body: 'x' })).text()).toBe('the function: POST');
      const get = await fetch(`${fn.url}hooks`);
      expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
      expect((await fn.post('hooks?a=b', delivery('query'))).status).toBe(202);
    });

    it('are taken without a cell, by a function that has no fetch', async () => {
      const name = freshName();
      await host().admin.changeSecrets(name, SECRETS);
      const { url } = await publish(host(), `export default { scheduled() {} }`, {
        name,
        manifest: { webhooks: [{ ...WEBHOOK, queue: name }] },
      });
      expect((await fetch(`${url}hooks`, { method: 'POST', ...delivery('kept') })).status).toBe(202);
      const [message] = await host().admin.peekQueue(name);
      expect(message).toMatchObject({ contentType: 'json', origin: `webhook:${name}/hooks` });
      expect(host().events.filter((each) => each.type === 'cell' && each.function === name && each.change === 'started')).toEqual([]);
    });

    it('are too large beyond what a message has', async () => {
      const fn = await publishReceiver(host(), { webhooks: [WEBHOOK], secrets: SECRETS });
      const fits = delivery('fits', { text: 'x'.repeat(127_000) });
      expect((await fn.post('hooks', fits)).status).toBe(202);
      expect(await fn.outcome('hooks', delivery('large', { text: 'x'.repeat(128_000) }))).toEqual([413, 'request-too-large']);
      const envelope = delivery('envelope', { text: 'x'.repeat(127_980) });
      expect(await fn.outcome('hooks', envelope)).toEqual([413, 'request-too-large']);
      // Without a length, so that only reading shows how large it is.
      const { headers } = delivery('streamed');
      const init = { method: 'POST', headers, body: new Blob([new Uint8Array(262_144)]).stream(), duplex: 'half' };
      expect((await fetch(`${fn.url}hooks`, init as RequestInit)).status).toBe(413);
      expect((await fn.came(1)).map(({ body }) => body.id)).toEqual(['fits']);
    });

    it('are filtered by what the event has', async () => {
      const filter = { type: ['com.github.push'], data: { ref: [{ prefix: 'refs/heads/' }] } };
      const fn = await publishReceiver(host(), { webhooks: [WEBHOOK], secrets: SECRETS, filter });
      await fn.post('hooks', delivery('tag', { ref: 'refs/tags/1' }));
      await fn.post('hooks', delivery('branch', { ref: 'refs/heads/main' }));
      expect((await fn.came(1)).map(({ body }) => body.id)).toEqual(['branch']);
    });

    it('need the secret: without it no alias leads to the version, and when it goes they are refused', async () => {
      const name = freshName();
      const manifest = { webhooks: [{ ...WEBHOOK, queue: name }] };
      await expect(publish(host(), `export default { fetch: () => new Response() }`, { name, manifest })).rejects.toMatchObject({
        code: 'secret-missing',
      });
      const fn = await publishReceiver(host(), { webhooks: [WEBHOOK], secrets: SECRETS });
      expect((await fn.post('hooks', delivery('before'))).status).toBe(202);
      await host().admin.putSecret(fn.name, 'SECRET', 'rotated');
      expect(await fn.outcome('hooks', delivery('between'))).toEqual([401, 'webhook-signature-invalid']);
      await host().admin.removeSecret(fn.name, 'SECRET');
      const refused = await fn.post('hooks', delivery('after'));
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
      const problem = await refused.text();
      expect(problem).toContain('webhook-unready');
      expect(problem).not.toContain('SECRET');
      await eventually(() =>
        host().events.find((each) => each.type === 'exception' && each.function === fn.name && each.message.includes('SECRET is not set')),
      );
    });

    it('come to a component', async () => {
      const out = freshName();
      const hooks = `${out}-hooks`;
      const reader = `export default { queue({ messages }) { for (const { body } of messages) console.log(JSON.stringify(body)); } }`;
      const { name: logging } = await publish(host(), reader, {
        alias: 'live',
        manifest: { queues: { consumers: [{ queue: out, max_batch_timeout: 0 }] } },
      });
      const config = `locks = [{ binding = "LOCKS" }]
[queues]
producers = [{ binding = "OUT", queue = "${out}" }]
consumers = [{ queue = "${hooks}", max_batch_timeout = 0 }]
[[webhooks]]
path = "/hooks"
scheme = "github"
secret = "SECRET"
queue = "${hooks}"
[vars]
SECRET = "${secret}"
`;
      const wasm = new Uint8Array(readFileSync(new URL('../component/guests/p3-events.wasm', import.meta.url)));
      const { url } = await publishComponent(host(), wasm, config);
      expect((await fetch(`${url}/hooks`, { method: 'POST', ...delivery('to a guest') })).status).toBe(202);
      // It says what it has got, and sends it on.
      const sentOn = await eventually(() =>
        host().events.find((each) => each.type === 'console' && each.function === logging && each.message.startsWith('{')),
      );
      expect(JSON.parse((sentOn as { message: string }).message)).toMatchObject({ id: 'to a guest', type: 'com.github.push' });
    });
  });
}
