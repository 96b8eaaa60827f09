import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publish, type OpenHost, type TestHost } from '../conformance/harness.ts';
import { publishComponent } from '../conformance/publish-component.ts';

const FUNCTIONS = new URL('../../functions/', import.meta.url);

/** Says what it got, and waits or calls on where it is told to. */
const SOURCE = `export default { async fetch(request, { BACK }, ctx) {
  const { pathname, host } = new URL(request.url);
  if (pathname === '/slow') await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
  if (pathname === '/back') return BACK.fetch('http://back/proxy?url=http%3A%2F%2Fother-api.brink.internal%2Fback');
  console.log(ctx.brink.traceparent);
  return new Response([request.method, host, pathname, await request.text()].join(' '), { status: 418 });
} }`;

/** Service bindings of a component: by its outgoing HTTP, under `brink.internal`. */
export function serviceComponentSuite(open: OpenHost): void {
  describe.each([
    ['WASI 0.2', 'api-c', 'the server did not answer'],
    ['WASI 0.3', 'api-rust', 'ErrorCode::DestinationNotFound'],
  ])('services of components of %s', (_version, guest, notFound) => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const wasm = new Uint8Array(readFileSync(new URL(`${guest}/api.wasm`, FUNCTIONS)));
    const deploy = async (config = '') => {
      const other = await publish(host, SOURCE, { alias: 'live' });
      const services = `services = [{ binding = "Other_API", service = "${other.name}" }, { binding = "GONE", service = "${other.name}-gone" }]\n`;
      const { name, url } = await publishComponent(host, wasm, services + config);
      const get = (target: string, init?: RequestInit) => fetch(`${url}/proxy?url=${encodeURIComponent(target)}`, init);
      const logged = (of: string) => host.events.flatMap((each) => (each.type === 'console' && each.function === of ? [each.message] : []));
      return { name, other: other.name, get, logged };
    };

    it.each(['http://other-api.brink.internal/a?b', 'http://OTHER_api.brink.internal./a'])('%s is the binding Other_API', async (url) => {
      const { get, name, other, logged } = await deploy();
      const trace = '0af7651916cd43dd8448eb211c80319c';
      const response = await get(url, { headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
      expect([response.status, await response.text()]).toEqual([418, expect.stringMatching(/^GET other[-_]api\.brink\.internal\.? \/a $/)]);
      await expect.poll(() => logged(other)).toEqual([expect.stringContaining(trace)]);
      const invocation = () => host.events.find((each) => each.type === 'invocation' && each.function === other);
      await expect.poll(invocation).toMatchObject({ trigger: 'service' });
      expect(logged(name)).toEqual([]);
    });

    it('a name that no service binding has is refused, said in the log, and never looked up', async () => {
      const { get, name, logged } = await deploy('[vars]\nTEXT = "text"\n');
      for (const label of ['none', 'text', 'gone', 'a.other-api']) {
        const response = await get(`http://${label}.brink.internal/`);
        expect([response.status, await response.json()]).toEqual([502, { error: notFound }]);
      }
      expect((await get('http://brink.internal/')).status).toBe(502);
      await expect
        .poll(() => logged(name))
        .toEqual(
          ['none.', 'text.', 'a.other-api.', ''].map(
            (label) => `${label}brink.internal: no service binding has this name. Service bindings of this function: Other_API, GONE.`,
          ),
        );
    });

    it('calls that go round are stopped 16 deep', async () => {
      const { get, name, other } = await deploy();
      await publish(host, SOURCE, { name: other, alias: 'live', manifest: { services: [{ binding: 'BACK', service: name }] } });
      expect((await get('http://other-api.brink.internal/back')).status).toBe(502);
      const calls = () => host.events.filter((each) => each.type === 'invocation' && each.trigger === 'service');
      await expect.poll(() => calls().filter((each) => [name, other].includes(each.function!)).length).toBe(16);
    });

    it('the time that its caller has left holds for it', async () => {
      const { get, other } = await deploy('[limits]\ndeadline_ms = 4_000\n');
      const start = performance.now();
      // Whether the caller comes to see the end of the call, or ends first itself.
      expect([502, 504]).toContain((await get('http://other-api.brink.internal/slow')).status);
      expect(performance.now() - start).toBeLessThan(10_000);
      const called = () => host.events.find((each) => each.type === 'invocation' && each.function === other);
      await expect.poll(called).toMatchObject({ outcome: 'deadline-exceeded' });
    });
  });
}
