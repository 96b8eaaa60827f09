import { describe, expect, it } from 'vitest';
import type { ConsoleEvent, ExceptionEvent, InvocationEvent } from '../../host/observe/events.ts';
import { eventually, freshName } from '../conformance/harness.ts';
import type { ServiceWorld } from './service-suite.ts';

/** What the host does about RPC; `rpc-suite.ts` has what functions can do with it. */
export function serviceRpcCases(world: ServiceWorld): void {
  describe('RPC and the host', () => {
    const target = (body: string) => `import { WorkerEntrypoint, RpcTarget } from 'cloudflare:workers';
      export default class extends WorkerEntrypoint { ${body} }`;
    const invocations = (name: string) =>
      world.host.events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === name);
    const said = (name: string, line: string) =>
      eventually(() =>
        world.host.events.find(
          (event): event is ConsoleEvent => event.type === 'console' && event.function === name && event.message === line,
        ),
      );
    const told = (call: string) =>
      `return Response.json(await ${call}.then((value) => value, (error) => [error.code ?? null, error.message]));`;

    it('a function whose class has methods alone can be published, and is no handler of requests', async () => {
      const other = await world.deploy(target('add(a, b) { return a + b }'));
      const { url } = await world.caller('return Response.json(await env.OTHER.add(1, 2))', other.name);
      expect(await (await fetch(url)).json()).toBe(3);
      expect((await fetch(other.url)).status).toBe(404);
      const { function: shown } = await world.host.admin.function(other.name).then((record) => ({ function: record }));
      expect(JSON.stringify(shown)).toContain('"handlers":["rpc"]');
    });

    it('a call is an invocation of its own, with its method, in the trace of its caller', async () => {
      const other = await world.deploy(
        target(`hello() { console.log('called'); return [this.ctx.brink.traceparent, this.ctx.brink.requestId] }`),
      );
      const { url } = await world.caller('return Response.json(await env.OTHER.hello())', other.name);
      const trace = '1af7651916cd43dd8448eb211c80319d';
      const [traceparent, requestId] = (await (
        await fetch(url, { headers: { traceparent: `00-${trace}-b7ad6b7169203331-00` } })
      ).json()) as string[];
      expect(traceparent).toContain(trace);
      const [event] = await eventually(() => (invocations(other.name).length > 0 ? invocations(other.name) : undefined));
      expect(event).toMatchObject({ trigger: 'rpc', method: 'hello', path: null, status: null, outcome: 'ok', traceId: trace, requestId });
      expect(await said(other.name, 'called')).toMatchObject({ requestId });
    });

    it('what a method throws is in the log of the callee; what is not there is not', async () => {
      const other = await world.deploy(target(`fail() { throw new RangeError('of the callee') }`));
      const { url } = await world.caller(
        'return Response.json(await Promise.all([env.OTHER.fail().catch(String), env.OTHER.gone().catch(String)]))',
        other.name,
      );
      expect(await (await fetch(url)).json()).toEqual([
        'RangeError: of the callee',
        'TypeError: The RPC receiver does not implement the method "gone".',
      ]);
      const events = await eventually(() => (invocations(other.name).length === 2 ? invocations(other.name) : undefined));
      expect(events.map(({ outcome }) => outcome).toSorted()).toEqual(['handler-missing', 'handler-threw']);
      const thrown = await eventually(() => {
        const found = world.host.events.filter(
          (event): event is ExceptionEvent => event.type === 'exception' && event.function === other.name,
        );
        return found.length > 0 ? found : undefined;
      });
      expect(thrown.map(({ message }) => message)).toEqual(['RangeError: of the callee']);
    });

    it('an unknown function is named by code', async () => {
      const name = freshName();
      const { url } = await world.caller(told('env.OTHER.hello()'), name);
      expect(await (await fetch(url)).json()).toEqual(['function-not-found', expect.stringContaining(name)]);
    });

    it('a method has the deadline of its function', async () => {
      const other = await world.deploy(target('slow() { return new Promise((resolve) => setTimeout(resolve, 3000)) }'), {
        limits: { deadline_ms: 100 },
      });
      const { url } = await world.caller(told('env.OTHER.slow()'), other.name);
      expect(await (await fetch(url)).json()).toEqual(['deadline-exceeded', expect.stringContaining('within 100 ms')]);
    });

    it('a loop by RPC is stopped', async () => {
      const name = freshName();
      await world.deploy(
        target(`async fetch() { return Response.json(await this.down(0)) }
          async down(depth) { try { return await this.env.SELF.down(depth + 1) } catch (error) { return [depth, error.code] } }`),
        { services: [{ binding: 'SELF', service: name }] },
        name,
      );
      expect(await (await fetch(`${world.host.url}/${name}/`)).json()).toEqual([16, 'loop-detected']);
    });

    it('objects that a function gives away can use its own services', async () => {
      const last = await world.deploy(target(`name() { return 'last' }`));
      const other = await world.deploy(
        `import { WorkerEntrypoint, RpcTarget } from 'cloudflare:workers';
        class Door extends RpcTarget { #env; constructor(env) { super(); this.#env = env } open() { return this.#env.LAST.name() } }
        export default class extends WorkerEntrypoint { door() { return new Door(this.env) } }`,
        { services: [{ binding: 'LAST', service: last.name }] },
      );
      const { url } = await world.caller('const door = await env.OTHER.door(); return Response.json(await door.open())', other.name);
      expect(await (await fetch(url)).json()).toBe('last');
    });

    it('a stream of a result waits for its reader', async () => {
      const other = await world.deploy(
        target(
          `numbers() { let made = 0; return new ReadableStream({ pull(controller) { made++; console.log('made ' + made); controller.enqueue(new Uint8Array(256 * 1024)); if (made === 64) controller.close() } }, { highWaterMark: 0 }) }`,
        ),
      );
      const { url } = await world.caller(
        `const reader = (await env.OTHER.numbers()).getReader();
        const { value } = await reader.read();
        await new Promise((resolve) => setTimeout(resolve, 100));
        await reader.cancel();
        return Response.json(value.byteLength > 0);`,
        other.name,
      );
      expect(await (await fetch(url)).json()).toBe(true);
      await said(other.name, 'made 1');
      expect(world.host.events.some((event) => event.type === 'console' && event.message === 'made 40')).toBe(false);
    });
  });
}
