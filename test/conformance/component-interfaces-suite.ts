import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asyncComponent } from '../component/calls/async-guest.ts';
import { calcComponent, valuesComponent } from '../component/calls/own-guest.ts';
import { componentInterfacesHostileCases } from './component-interfaces-hostile-cases.ts';
import { componentInterfacesRpcCases } from './component-interfaces-rpc-cases.ts';
import { BAD_VALUES, GOOD_VALUES } from './component-interfaces-values.ts';
import { eventually, type OpenHost, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';
import { exchange } from './raw-exchange.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const MIB = 1024 * 1024;

interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** Functions that a component exports of its own, as JSON over HTTP: what every platform must do alike. */
export function componentInterfacesSuite(open: OpenHost): void {
  describe('interfaces of a component’s own', () => {
    let host: TestHost;
    let calc: { readonly name: string; readonly url: string };
    let values: string;
    beforeAll(async () => {
      host = await open();
      calc = await publishComponent(host, await calcComponent());
      values = (await publishComponent(host, await valuesComponent())).url;
    });
    afterAll(() => host.stop());

    async function post(url: string, body?: string | ReadableStream, init: RequestInit = {}): Promise<Answered> {
      const sent = { method: 'POST', headers: JSON_TYPE, redirect: 'manual', ...(body !== undefined && { body }), ...init } as const;
      const response = await fetch(url, body instanceof ReadableStream ? ({ ...sent, duplex: 'half' } as RequestInit) : sent);
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown), headers: response.headers };
    }

    function call(path: string, parameters?: object): Promise<Answered> {
      return post(`${calc.url}${path}`, parameters && JSON.stringify(parameters));
    }

    it('a function gets its parameters by name, and what it returns is the answer', async () => {
      const { status, body, headers } = await call('/ops/add', { a: 1, b: 2 });
      expect([status, body]).toEqual([200, 3]);
      expect(headers.get('content-type')).toBe('application/json');
      expect((await call('/ops/add', { b: 4_294_967_295, a: 0 })).body).toBe(4_294_967_295);
      expect((await call('/shout', { text: 'grüß' })).body).toBe('grüß!');
      expect((await call('/ops/mean-of', { theValues: [2.5] })).body).toBe(2.5);
    });

    it('an option that is none, and a function without a result, answer null', async () => {
      expect(await call('/ops/mean-of', { theValues: [] })).toMatchObject({ status: 200, body: null });
      expect(await call('/ops/reset')).toMatchObject({ status: 200, body: null });
      expect(await call('/ops/reset', {})).toMatchObject({ status: 200, body: null });
      expect(await call('/ops/check', { ok: true })).toMatchObject({ status: 200, body: null });
    });

    it('an error that a function returns is a problem with that error', async () => {
      const divided = await call('/ops/divide', { a: 1, b: 0 });
      expect(divided.headers.get('content-type')).toBe('application/problem+json');
      expect(divided).toMatchObject({ status: 422, body: { code: 'call-failed', status: 422, error: { tag: 'division-by-zero' } } });
      expect(await call('/ops/add', { a: 4_294_967_295, b: 1 })).toMatchObject({
        body: {
          code: 'call-failed',
          detail: 'add of acme:calc/ops@1.2.0 returned an error.',
          error: { tag: 'overflow', val: 'the sum is too large' },
        },
      });
      expect(await call('/ops/check', { ok: false })).toMatchObject({ status: 422, body: { code: 'call-failed', error: null } });
    });

    describe('values', () => {
      it.each(GOOD_VALUES.map(([type, sent, got = sent]) => ({ type, sent, got })))('$type: $sent', async ({ type, sent, got }) => {
        const { status, body } = await post(`${values}/values/${type}`, JSON.stringify({ values: sent }));
        expect([status, body]).toEqual([200, got]);
      });

      it.each(BAD_VALUES)('%s refuses %s', async (type, sent, pointer) => {
        const { status, body } = await post(`${values}/values/${type}`, `{"values":${sent}}`);
        expect(body).toMatchObject({ code: 'call-invalid', pointer: `/values${pointer}` });
        expect(status).toBe(400);
      });
    });

    it.each([
      ['{"a":1}', '/b'],
      ['{"a":1,"b":2,"c":3}', '/c'],
      ['{"a":1,"b":2,"__proto__":{"b":1}}', '/__proto__'],
      ['{"a":1,"b":2,"x/y~z":3}', '/x~1y~0z'],
      ['{"constructor":1,"b":2}', '/a'],
      ['', '/a'],
      ['[1,2]', ''],
      ['null', ''],
      ['{"a":1,', ''],
      [`${'['.repeat(100_000)}`, ''],
      [`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"b":1}`, '/a'],
    ])('parameters that do not fit are refused: %.40s', async (sent, pointer) => {
      const answered = await post(`${calc.url}/ops/add`, sent);
      expect(answered).toMatchObject({ status: 400, body: { code: 'call-invalid', pointer } });
    });

    it('a body that is not UTF-8 is refused', async () => {
      const response = await fetch(`${calc.url}/shout`, { method: 'POST', headers: JSON_TYPE, body: new Uint8Array([0x22, 0xff, 0x22]) });
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'call-invalid' }]);
    });

    it.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/json'])(
      'a body of type %s is refused',
      async (type) => {
        const body = new TextEncoder().encode('{"a":1,"b":2}');
        const response = await fetch(`${calc.url}/ops/add`, { method: 'POST', body, ...(type && { headers: { 'content-type': type } }) });
        expect([response.status, await response.json()]).toMatchObject([415, { code: 'call-unsupported' }]);
      },
    );

    it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/merge-patch+json'])(
      'a body of type %s is taken',
      async (type) => {
        expect(await post(`${calc.url}/ops/add`, '{"a":1,"b":2}', { headers: { 'content-type': type } })).toMatchObject({ body: 3 });
      },
    );

    it('a body over 4 MiB is refused, whether its length is told or not', async () => {
      const large = JSON.stringify({ text: 'x'.repeat(4 * MIB) });
      const head = `POST /${calc.name}/shout HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${large.length}\r\n\r\n`;
      const [told] = (await exchange(host.url, head)).answers;
      expect([told?.status, told?.body]).toEqual([413, expect.stringContaining('request-too-large')]);
      const chunks = new Blob([large]).stream();
      expect(await post(`${calc.url}/shout`, chunks)).toMatchObject({ status: 413, body: { code: 'request-too-large' } });
      const most = await post(`${calc.url}/shout`, JSON.stringify({ text: 'x'.repeat(100_000) }));
      expect((most.body as string).length).toBe(100_001);
    });

    it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('%s is answered with 405', async (method) => {
      const response = await fetch(`${calc.url}/ops/add`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      await response.body?.cancel();
    });

    it.each(['/', '/ops', '/ops/', '/ops/add/', '/add', '//ops/add', '/ops/Add', '/ops/%61dd', '/ops/constructor', '/wasi:cli/run/run'])(
      'nothing is called at %s',
      async (path) => {
        const answered = await call(path, { a: 1, b: 2 });
        expect(answered).toMatchObject({ status: 404, body: { code: 'export-not-found' } });
        expect((answered.body as { exports: string[] }).exports).toContain('/ops/add');
      },
    );

    it.each(['/acme:calc/ops/add', '/acme:calc/ops@1.2.0/add', '/acme:calc/ops@1.0.3/add', '/acme:calc/ops@1/add'])(
      '%s leads to the path of the function',
      async (path) => {
        expect((await call(path, { a: 1, b: 2 })).status).toBe(308);
        const followed = await post(`${calc.url}${path}`, '{"a":1,"b":2}', { redirect: 'follow' });
        expect([followed.status, followed.body]).toEqual([200, 3]);
      },
    );

    it.each([
      '/acme:calc/ops@2.0.0/add',
      '/acme:calc/ops@0.1.0/add',
      '/acme:other/ops/add',
      '/acme:calc/ops@1.2.0/take',
      '/acme%3Acalc/ops/add',
    ])('%s leads nowhere', async (path) => expect(await call(path, {})).toMatchObject({ status: 404, body: { code: 'export-not-found' } }));

    it('each call finds the component as new, unless its instances are kept', async () => {
      for (let time = 0; time < 3; time += 1) expect((await call('/ops/count')).body).toBe(1);
      const { url } = await publishComponent(
        host,
        await calcComponent(),
        '[component]\nisolation = "instance"\n[scaling]\nmax_cells = 1\n',
      );
      const counted = await Promise.all(Array.from({ length: 20 }, () => post(`${url}/ops/count`)));
      expect(counted.map(({ body }) => body).toSorted((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    });

    it('hundreds of calls at once get each their own answer', async () => {
      const sums = await Promise.all(Array.from({ length: 300 }, (_, index) => call('/ops/add', { a: index, b: index })));
      expect(sums.map(({ body }) => body)).toEqual(Array.from({ length: 300 }, (_, index) => 2 * index));
    });

    it('what is called where stands with the version', async () => {
      const { exports, calls } = await host.admin.component(calc.name, '1');
      expect(exports).toEqual(['shout', 'acme:calc/ops@1.2.0']);
      expect(calls).toContain('/ops/mean-of');
      expect((await host.admin.version(calc.name, '1')).handlers).toEqual(['fetch']);
    });

    it('its OpenAPI document is kept with the version', async () => {
      const { openapi } = await host.admin.version(calc.name, '1');
      expect(openapi).toMatchObject({ source: 'component', from: '3.1.1' });
      const document = await host.admin.openapi(calc.name, '1');
      expect(document.info).toEqual({ title: calc.name, version: '1.2.0' });
      expect(Object.keys(document.paths!)).toContain('/ops/add');
    });

    it('a trap is a 502 that costs its instance alone, and the log says which function it was', async () => {
      expect(await call('/ops/crash')).toMatchObject({ status: 502, body: { code: 'guest-trapped' } });
      const found = await eventually(() =>
        host.events.find((event) => event.type === 'exception' && event.function === calc.name && /crash/.test(event.message)),
      );
      expect(found).toMatchObject({ message: expect.stringContaining('in crash of acme:calc/ops@1.2.0') as string });
      expect((await call('/ops/add', { a: 1, b: 2 })).body).toBe(3);
    });

    describe.each(['request', 'instance'])('functions that are async, with isolation = "%s"', (isolation) => {
      let jobs: { readonly name: string; readonly url: string };
      const publish = async (limits = '') =>
        publishComponent(host, await asyncComponent(), `[component]\nisolation = "${isolation}"\n${limits}[scaling]\nmax_cells = 1\n`);
      beforeAll(async () => {
        jobs = await publish();
      });

      it('answer when they return', async () => {
        const sums = await Promise.all(Array.from({ length: 50 }, (_, index) => post(`${jobs.url}/jobs/add`, `{"a":${index},"b":1}`)));
        expect(sums.map(({ body }) => body)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
      });

      it('may go on after that', async () => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => post(`${jobs.url}/jobs/go-on`)));
        expect(new Set(answers.map(({ body }) => body))).toEqual(new Set([1]));
      });

      it('have answered where they trap after that, and the log has it', async () => {
        expect(await post(`${jobs.url}/jobs/trap-after`)).toMatchObject({ status: 200, body: 1 });
        await eventually(() =>
          host.events.find((event) => event.type === 'exception' && event.function === jobs.name && /trap-after/.test(event.message)),
        );
        expect((await post(`${jobs.url}/jobs/add`, '{"a":1,"b":1}')).body).toBe(2);
      });

      it('end at the deadline where they never return', async () => {
        const { url } = await publish('[limits]\ndeadline_ms = 1000\n');
        expect(await post(`${url}/jobs/hang`)).toMatchObject({ status: 504, body: { code: 'deadline-exceeded' } });
        await eventually(async () => ((await post(`${url}/jobs/add`, '{"a":1,"b":1}')).body === 2 ? true : undefined));
      });
    });

    const world = {
      get host() {
        return host;
      },
    };
    componentInterfacesRpcCases(world);
    componentInterfacesHostileCases(world);
  });
}
