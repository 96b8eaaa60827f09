import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONFIG_READER } from '../component/wat-config.ts';
import { watComponent } from '../component/wat-component.ts';
import type { HostOptions } from '../../host/platforms/running.ts';
import { eventually, freshName, publish, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';
import { filesWith } from './state-files.ts';

const SHOW = `import { env as importable } from 'cloudflare:workers';
  export default { fetch: (request, env) => Response.json({ env, importable: importable.API_KEY ?? null }) }`;
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');

/** What functions and clients see of secrets, over HTTP; every platform passes all of it. */
export function secretsSuite(open: (options?: Partial<HostOptions>) => Promise<TestHost>): void {
  describe('secrets', () => {
    let host: TestHost;
    beforeAll(async () => (host = await open()));
    afterAll(() => host.stop());
    const seen = async (url: string) => (await (await fetch(url)).json()) as { env: Record<string, unknown>; importable: unknown };

    it('are in env beside the vars, before the first publish and after it', async () => {
      const name = freshName();
      await host.admin.putSecret(name, 'API_KEY', 'ä first');
      const { url } = await publish(host, SHOW, { name, manifest: { vars: { A: 1 }, secrets: { required: ['API_KEY'] } } });
      expect(await seen(url)).toEqual({ env: { A: 1, API_KEY: 'ä first' }, importable: 'ä first' });
    });

    it('are seen by every version from the next request on, whatever changes', async () => {
      const { name, url } = await publish(host, SHOW);
      await publish(host, `${SHOW}; // 2`, { name });
      expect((await seen(url)).env).toEqual({});
      for (let round = 0; round < 5; round++) {
        await host.admin.putSecret(name, 'API_KEY', `round ${round}`);
        expect([(await seen(url)).env, (await seen(`${host.url}/${name}@2/`)).env]).toEqual([
          { API_KEY: `round ${round}` },
          { API_KEY: `round ${round}` },
        ]);
      }
      await host.admin.changeSecrets(name, { API_KEY: null, OTHER: 'x' });
      expect(await seen(url)).toEqual({ env: { OTHER: 'x' }, importable: null });
      await host.admin.removeSecret(name, 'OTHER');
      expect((await seen(url)).env).toEqual({});
    });

    it('let what runs go on with the old ones, to its end', async () => {
      const source = `export default { async fetch(request, env, ctx) {
        const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        if (new URL(request.url).pathname !== '/slow') return new Response(env.API_KEY);
        ctx.waitUntil(wait(600).then(() => console.log('waited with', env.API_KEY.length)));
        const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        const bytes = (text) => new TextEncoder().encode(text);
        void (async () => { await writer.write(bytes('begun ')); await wait(400); await writer.write(bytes(env.API_KEY)); await writer.close(); })();
        return new Response(readable);
      } }`;
      const name = freshName();
      await host.admin.putSecret(name, 'API_KEY', 'old');
      const { url } = await publish(host, source, { name });
      const slow = await fetch(`${url}slow`);
      const reader = slow.body!.pipeThrough(new TextDecoderStream()).getReader();
      expect((await reader.read()).value).toBe('begun ');
      await host.admin.putSecret(name, 'API_KEY', 'newer');
      expect(await (await fetch(url)).text()).toBe('newer');
      expect((await reader.read()).value).toBe('old');
      expect((await reader.read()).done).toBe(true);
      await eventually(() => host.events.find((event) => event.type === 'console' && event.message === 'waited with 3'));
    });

    it('are a function’s own, and go with it', async () => {
      const [one, two] = [await publish(host, SHOW), await publish(host, SHOW)];
      await host.admin.putSecret(one.name, 'API_KEY', 'one');
      expect([(await seen(one.url)).env, (await seen(two.url)).env]).toEqual([{ API_KEY: 'one' }, {}]);
      await host.admin.removeFunction(one.name);
      await publish(host, SHOW, { name: one.name });
      expect((await seen(one.url)).env).toEqual({});
    });

    it('do not take the place of a var in an older version', async () => {
      const { name, url } = await publish(host, SHOW, { manifest: { vars: { API_KEY: 'var' } } });
      await expect(host.admin.putSecret(name, 'API_KEY', 'secret')).rejects.toMatchObject({ code: 'secret-conflict' });
      await publish(host, SHOW, { name });
      await host.admin.putSecret(name, 'API_KEY', 'secret');
      expect([(await seen(url)).importable, (await seen(`${host.url}/${name}@2/`)).importable]).toEqual(['var', 'secret']);
    });

    it('are there at the top level of modules, also when a version is tried before it is published', async () => {
      const source = `import { env } from 'cloudflare:workers';
        if (env.API_KEY !== 'needed') throw new Error('no key');
        export default { fetch: () => new Response(env.API_KEY) }`;
      const name = freshName();
      await expect(publish(host, source, { name })).rejects.toMatchObject({ code: 'startup-failed' });
      await host.admin.putSecret(name, 'API_KEY', 'needed');
      expect(await (await fetch((await publish(host, source, { name })).url)).text()).toBe('needed');
    });

    it('keep aliases from a version that requires what is not set', async () => {
      const name = freshName();
      const manifest = { secrets: { required: ['API_KEY'] } };
      const missing = { code: 'secret-missing', details: { function: name, version: 1, secrets: ['API_KEY'] } };
      await expect(publish(host, SHOW, { name, manifest })).rejects.toMatchObject(missing);
      await host.admin.putSecret(name, 'API_KEY', 'set');
      await publish(host, SHOW, { name, manifest });
      expect(await host.admin.removeSecret(name, 'API_KEY')).toEqual({ requiredBy: ['live'] });
      await expect(host.admin.moveAlias(name, 'beta', { versions: [{ version: 1, weight: 100 }] })).rejects.toMatchObject(missing);
    });

    it('are the environment and the wasi:config of a component', async () => {
      const { name, url } = await publishComponent(host, await watComponent('0.2', CONFIG_READER));
      const values = async () => Promise.all(['/', '/config'].map(async (path) => (await fetch(url + path)).text()));
      expect(await values()).toEqual(['', '']);
      await host.admin.putSecret(name, 'API_KEY', 'for a guest');
      expect(await values()).toEqual(['for a guest', 'for a guest']);
    });
  });

  describe('secrets at rest', () => {
    let state: string;
    beforeAll(async () => void (state = await mkdtemp(join(tmpdir(), 'brink-secrets-'))));
    afterAll(() => rm(state, { recursive: true }));
    const VALUE = 'correct-horse-battery-staple';

    it('stand in no file, no event and no answer; a host with their key has them again, one with another starts', async () => {
      const answers: string[] = [];
      const first = await open({ state, secretKey: keyOf(1) });
      const { name } = await publish(first, `export default { fetch: (request, env) => new Response(String(env.API_KEY?.length)) }`);
      const plain = await publish(first, `export default { fetch: () => new Response('plain') }`);
      answers.push(JSON.stringify(await first.admin.putSecret(name, 'API_KEY', VALUE)));
      answers.push(JSON.stringify([await first.admin.secrets(name), await first.admin.function(name), await first.admin.functions()]));
      answers.push(new TextDecoder().decode(await first.admin.artifact(name, 1)));
      expect(await (await fetch(`${first.url}/${name}/`)).text()).toBe(String(VALUE.length));
      answers.push(JSON.stringify([first.events, await first.admin.logs()]));
      await first.stop();

      const other = await open({ state, secretKey: keyOf(2) });
      const failed = await fetch(`${other.url}/${name}/`);
      const problem = (await failed.json()) as { code: string };
      expect([failed.status, problem.code]).toEqual([502, 'cell-start-failed']);
      answers.push(JSON.stringify(problem));
      expect(await (await fetch(`${other.url}/${plain.name}/`)).text()).toBe('plain');
      const crash = await eventually(() =>
        other.events.find((event) => event.type === 'cell' && event.change === 'crashed' && event.function === name),
      );
      const { key } = (await other.admin.secrets(name))[0]!;
      expect((crash as { reason: string }).reason).toMatch(
        new RegExp(`^.*The secret API_KEY of ${name} cannot be read: .* the key ${key}`),
      );
      await expect(other.admin.rotateSecrets()).rejects.toMatchObject({
        code: 'secret-unreadable',
        details: { secrets: [`${name}/API_KEY`] },
      });
      await other.stop();

      const both = await open({ state, secretKey: `${keyOf(2)},${keyOf(1)}` });
      expect(await (await fetch(`${both.url}/${name}/`)).text()).toBe(String(VALUE.length));
      expect(await both.admin.rotateSecrets()).toMatchObject({ rotated: 1 });
      await both.stop();

      const rotated = await open({ state, secretKey: keyOf(2) });
      expect(await (await fetch(`${rotated.url}/${name}/`)).text()).toBe(String(VALUE.length));
      expect((await rotated.admin.secrets(name))[0]!.key).not.toBe(key);
      answers.push(JSON.stringify([other.events, both.events, rotated.events]));
      await rotated.stop();

      expect(answers.filter((answer) => answer.includes(VALUE))).toEqual([]);
      // The name shows that the files that are searched are the right ones.
      expect(filesWith(state, 'API_KEY').length).toBeGreaterThan(0);
      expect(filesWith(state, VALUE)).toEqual([]);
      expect(filesWith(state, Buffer.from(VALUE).toString('base64').slice(0, 24))).toEqual([]);
    });
  });
}
