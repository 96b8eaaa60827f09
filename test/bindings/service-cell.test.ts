import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import { eventually, publish, type TestHost } from '../conformance/harness.ts';

/** Cells of Node can be brought down one by one; on workerd the runtime is one process. */
describe('a callee, its cell and its objects', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await openNode();
  });
  afterAll(() => host.stop());

  const callee = `import { WorkerEntrypoint, RpcTarget } from 'cloudflare:workers';
    const grow = () => { const all = []; for (;;) all.push(new Array(1e6).fill(Math.random())) };
    const spin = () => { for (;;); };
    class Held extends RpcTarget { hello() { return 'hi' } }
    export default class extends WorkerEntrypoint {
      fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === '/grow') grow();
        if (pathname === '/spin') spin();
        if (pathname === '/body') return new Response(new ReadableStream({ async start(controller) { controller.enqueue(new Uint8Array(10)); await new Promise((resolve) => setTimeout(resolve, 50)); grow(); } }));
        return new Response('up');
      }
      grow() { grow() }
      held() { return new Held() }
      die() { setTimeout(grow, 20); }
    }`;
  const caller = async (body: string, limits = {}) => {
    const { name } = await publish(host, callee, { alias: 'live', manifest: { limits } });
    return publish(
      host,
      `export default { async fetch(request, env) { const told = (promise) => promise.then((value) => value, (error) => [error.code ?? null, error.message]); ${body} } }`,
      {
        alias: 'live',
        manifest: { services: [{ binding: 'OTHER', service: name }] },
      },
    );
  };

  it('whose cell runs out of memory: the caller hears memory-exceeded, and the next call has a new cell', async () => {
    const { url } = await caller(
      `return Response.json([await told(env.OTHER.fetch('https://o/grow')), await (await env.OTHER.fetch('https://o/')).text(), await told(env.OTHER.grow()), await (await env.OTHER.fetch('https://o/')).text()])`,
    );
    expect(await (await fetch(url)).json()).toEqual([
      ['memory-exceeded', expect.stringContaining('MB of JavaScript heap')],
      'up',
      ['memory-exceeded', expect.stringContaining('MB of JavaScript heap')],
      'up',
    ]);
  });

  it('whose cell ends in the middle of a body: that breaks off', async () => {
    const { url } = await caller(
      `const answer = await env.OTHER.fetch('https://o/body'); return new Response(await answer.text().then(() => 'whole', () => 'broke'))`,
    );
    expect(await (await fetch(url)).text()).toBe('broke');
  });

  it('whose cell ends while the caller holds an object of its: calls of that fail', async () => {
    const { url } = await caller(
      `const held = await env.OTHER.held(); const first = await held.hello(); await env.OTHER.die(); await new Promise((resolve) => setTimeout(resolve, 1500)); return Response.json([first, (await told(held.hello()))[0]])`,
    );
    expect(await (await fetch(url)).json()).toEqual(['hi', 'memory-exceeded']);
  });

  it('in a loop without end: the caller hears of the deadline', async () => {
    const { url } = await caller(`return Response.json(await told(env.OTHER.fetch('https://o/spin')))`, { deadline_ms: 200 });
    expect(((await (await fetch(url)).json()) as unknown[])[0]).toBe('deadline-exceeded');
  });

  it('that gave objects away hears when its caller has disposed of them, or has ended', async () => {
    const { name, url: other } = await publish(
      host,
      `import { WorkerEntrypoint, RpcTarget } from 'cloudflare:workers';
      let disposed = 0;
      class Held extends RpcTarget { [Symbol.dispose]() { disposed++ } }
      export default class extends WorkerEntrypoint { held() { return new Held() } fetch() { return new Response(String(disposed)) } }`,
      { alias: 'live' },
    );
    const { url } = await publish(
      host,
      `export default { async fetch(request, env) {
        const held = await env.OTHER.held();
        if (new URL(request.url).searchParams.has('dispose')) held[Symbol.dispose]();
        globalThis.kept = held;
        return new Response('done');
      } }`,
      { alias: 'live', manifest: { services: [{ binding: 'OTHER', service: name }] } },
    );
    for (const [at, count] of [
      ['?dispose', '1'],
      ['', '2'],
    ] as const) {
      await (await fetch(url + at)).text();
      await eventually(async () => ((await (await fetch(other)).text()) === count ? true : undefined));
    }
  });
});
