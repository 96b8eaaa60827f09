import { describe, expect, it } from 'vitest';
import { eventually, publish, freshName } from '../conformance/harness.ts';
import type { ServiceWorld } from './service-suite.ts';

export function serviceVersionCases(world: ServiceWorld): void {
  describe('versions', () => {
    const versioned = (text: string) => `export default { fetch: () => new Response('${text}') }`;
    const ask = `return env.OTHER.fetch('https://o/')`;

    it('each call finds the version that the alias names then', async () => {
      const name = freshName();
      await world.deploy(versioned('one'), {}, name);
      const { url } = await world.caller(ask, name);
      expect(await (await fetch(url)).text()).toBe('one');
      await world.deploy(versioned('two'), {}, name);
      await eventually(async () => ((await (await fetch(url)).text()) === 'two' ? true : undefined));
      await world.host.admin.rollback(name, 'live');
      await eventually(async () => ((await (await fetch(url)).text()) === 'one' ? true : undefined));
    });

    it('goes by the alias of the binding, and by its weights', async () => {
      const name = freshName();
      const one = await publish(world.host, versioned('one'), { name, alias: 'live' });
      const two = await publish(world.host, versioned('two'), { name, alias: 'next' });
      const next = await world.caller(ask, name, { service: { alias: 'next' } });
      expect(await (await fetch(next.url)).text()).toBe('two');
      await world.host.admin.moveAlias(name, 'split', {
        versions: [
          { version: one.version, weight: 75 },
          { version: two.version, weight: 25 },
        ],
      });
      const { url } = await world.caller(
        `const got = { one: 0, two: 0 };
        for (let at = 0; at < 20; at++) got[await (await env.OTHER.fetch('https://o/')).text()]++;
        return Response.json(got);`,
        name,
        { service: { alias: 'split' } },
      );
      expect(await (await fetch(url)).json()).toEqual({ one: 15, two: 5 });
    });

    it('a Brink-Version header that is handed on chooses none of the callee', async () => {
      const name = freshName();
      await world.deploy(versioned('one'), {}, name);
      const own = await world.caller(`return env.OTHER.fetch(request)`, name);
      const answer = await fetch(own.url, { headers: { 'brink-version': '1' } });
      expect([answer.status, await answer.text()]).toEqual([200, 'one']);
    });

    it('a function that is published after the one that calls it is found', async () => {
      const name = freshName();
      const { url } = await world.caller(
        `return new Response(await env.OTHER.fetch('https://o/').then((a) => a.text(), (error) => error.code + ' ' + error.message))`,
        name,
      );
      expect(await (await fetch(url)).text()).toMatch(new RegExp(`^function-not-found .*"${name}"`));
      await world.deploy(versioned('here now'), {}, name);
      await eventually(async () => ((await (await fetch(url)).text()) === 'here now' ? true : undefined));
      const { url: lost } = await world.caller(
        `return new Response(await env.OTHER.fetch('https://o/').catch((error) => error.code + ' ' + error.message))`,
        name,
        { service: { alias: 'nowhere' } },
      );
      expect(await (await fetch(lost)).text()).toMatch(/^alias-not-found .*nowhere/);
    });
  });
}
