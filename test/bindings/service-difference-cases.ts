import { describe, expect, it } from 'vitest';
import type { ServiceWorld } from './service-suite.ts';

/** Where the platforms differ, as the table in ARCHITECTURE.md says. */
export function serviceDifferenceCases(world: ServiceWorld): void {
  describe('differences', () => {
    const on = <Value>(values: { node: Value; workerd: Value }): Value => values[world.host.platform];

    it('of values of RPC', async () => {
      const other = await world.deploy(`import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class extends WorkerEntrypoint { kind(value) { return Object.prototype.toString.call(value) } }`);
      const { url } = await world.caller(
        `return Response.json(await Promise.all([env.OTHER.kind(new Blob(['x'])), env.OTHER.kind(env.OTHER)].map((call) => call.then((kind) => kind, (error) => error.name))));`,
        other.name,
      );
      expect(await (await fetch(url)).json()).toEqual(
        on({ node: ['DataCloneError', 'DataCloneError'], workerd: ['[object Blob]', 'DataCloneError'] }),
      );
    });

    it('of WebSockets', async () => {
      const other = await world.deploy(`export default { fetch() {
        const pair = new WebSocketPair();
        pair[1].accept();
        pair[1].addEventListener('message', ({ data }) => pair[1].send('re: ' + data));
        return new Response(null, { status: 101, webSocket: pair[0] });
      } }`);
      const { url } = await world.caller(
        `try {
          const { webSocket } = await env.OTHER.fetch('https://o/', { headers: { upgrade: 'websocket' } });
          webSocket.accept();
          const answer = new Promise((resolve) => webSocket.addEventListener('message', ({ data }) => resolve(data)));
          webSocket.send('hi');
          return new Response(await answer);
        } catch (error) { return new Response(error.code) }`,
        other.name,
      );
      expect(await (await fetch(url)).text()).toBe(on({ node: 'unsupported', workerd: 're: hi' }));
    });

    it('of an imported env, in what is given away', async () => {
      const last = await world.deploy(`export default { fetch: () => new Response('last') }`);
      const other = await world.deploy(
        `import { env, WorkerEntrypoint, RpcTarget } from 'cloudflare:workers';
        class Door extends RpcTarget { async open() { return (await env.LAST.fetch('https://l/')).text() } }
        export default class extends WorkerEntrypoint { door() { return new Door() } }`,
        { services: [{ binding: 'LAST', service: last.name }] },
      );
      const { url } = await world.caller(
        `const door = await env.OTHER.door(); return new Response(await door.open().catch(({ message }) => message))`,
        other.name,
      );
      expect(await (await fetch(url)).text()).toBe(on({ node: 'last', workerd: 'LAST is there for handlers, not for top-level code.' }));
    });
  });
}
