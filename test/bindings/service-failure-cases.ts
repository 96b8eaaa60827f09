import { describe, expect, it } from 'vitest';
import type { ExceptionEvent } from '../../host/observe/events.ts';
import { eventually, freshName } from '../conformance/harness.ts';
import type { ServiceWorld } from './service-suite.ts';

export function serviceFailureCases(world: ServiceWorld): void {
  describe('failures', () => {
    const failing = `class Custom extends Error { name = 'Custom' }
      export default { async fetch(request) {
        switch (new URL(request.url).pathname) {
          case '/type': throw new TypeError('no such thing');
          case '/custom': throw new Custom('of mine');
          case '/text': throw 'just text';
          case '/nothing': return undefined;
        }
      } }`;

    it('what the callee throws reaches the caller as on Workers, and the log of the callee', async () => {
      const other = await world.deploy(failing);
      const { url } = await world.caller(
        `const told = ['type', 'custom', 'text', 'nothing'].map((path) => env.OTHER.fetch('https://o/' + path).then(() => 'answered', (error) =>
          [error.name, error.message, error instanceof Error, error.remote, error.code ?? null]));
        return Response.json(await Promise.all(told));`,
        other.name,
      );
      const [type, custom, text, nothing] = (await (await fetch(url)).json()) as unknown[];
      expect(type).toEqual(['TypeError', 'no such thing', true, true, null]);
      expect(custom).toEqual(['Error', 'Custom: of mine', true, true, null]);
      expect(text).toEqual(['Error', 'just text', true, true, null]);
      expect(nothing).toEqual(['TypeError', expect.stringContaining('returned nothing'), true, true, null]);
      const thrown = await eventually(() => {
        const found = world.host.events.filter(
          (event): event is ExceptionEvent => event.type === 'exception' && event.function === other.name,
        );
        return found.length >= 4 ? found : undefined;
      });
      expect(thrown.map(({ message }) => message)).toContain('TypeError: no such thing');
    });

    it('an error that nobody catches is the failure of the caller', async () => {
      const other = await world.deploy(failing);
      const { url } = await world.caller(`return env.OTHER.fetch('https://o/type')`, other.name);
      const answer = await fetch(url);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([500, 'handler-threw']);
    });

    it('an entrypoint or handler that is not there is named', async () => {
      const other = await world.deploy(`export const helper = 1; export default { scheduled() {} }`);
      const source = `export default { async fetch(request, env) { return Response.json(await Promise.all(['GONE', 'OTHER'].map((name) =>
        env[name].fetch('https://o/').then(() => 'answered', (error) => [error.code, error.message])))) } }`;
      const { url } = await world.deploy(source, {
        services: [
          { binding: 'GONE', service: other.name, entrypoint: 'Gone' },
          { binding: 'OTHER', service: other.name },
        ],
      });
      const [gone, own] = (await (await fetch(url)).json()) as [string, string][];
      expect(gone).toEqual(['handler-missing', expect.stringContaining('in its entrypoint Gone')]);
      expect(own).toEqual(['handler-missing', expect.stringContaining('has no fetch handler.')]);
    });

    it('a function that calls itself without end is stopped with loop-detected', async () => {
      const name = freshName();
      await world.deploy(
        `export default { async fetch(request, env, ctx) {
          const depth = Number(new URL(request.url).searchParams.get('depth') ?? 0);
          try { return await env.SELF.fetch('https://self/?depth=' + (depth + 1)); }
          catch (error) { return Response.json([depth, error.code, error.message]); }
        } }`,
        { services: [{ binding: 'SELF', service: name }] },
        name,
      );
      const answer = await (await fetch(`${world.host.url}/${name}/`)).json();
      expect(answer).toEqual([16, 'loop-detected', expect.stringContaining(`${name} cannot call ${name}`)]);
    });

    it('a loop of two is counted too, whatever headers say', async () => {
      const [one, two] = [freshName(), freshName()];
      const source = `export default { fetch: (request, env) => env.OTHER.fetch('https://o/', { headers: { traceparent: '00-' + '1'.repeat(32) + '-' + '1'.repeat(16) + '-00' } }) }`;
      await world.deploy(source, { services: [{ binding: 'OTHER', service: two }] }, one);
      await world.deploy(source, { services: [{ binding: 'OTHER', service: one }] }, two);
      const answer = await fetch(`${world.host.url}/${one}/`);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([500, 'handler-threw']);
      const loops = await eventually(() => {
        const found = world.host.events.filter(
          (event) => event.type === 'invocation' && (event.function === one || event.function === two),
        );
        return found.length >= 17 ? found : undefined;
      });
      expect(loops).toHaveLength(17);
    });
  });
}
