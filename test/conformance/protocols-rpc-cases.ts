import { Code, ConnectError, cors } from '@connectrpc/connect';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, publish, type TestHost } from './harness.ts';
import { greeterAt, publishGreeter, type Protocol, type PublishedGreeter } from './protocols-greeter.ts';
import { ALL_RULES, AUTHORIZATION, ORIGIN } from './protocols-rules.ts';

const PROTOCOLS: readonly Protocol[] = ['Connect', 'gRPC-Web'];
/** What a page of another site needs; README has the same. */
const RPC_CORS = {
  origins: [ORIGIN],
  methods: ['GET', 'POST'],
  headers: [
    'content-type',
    'content-encoding',
    'connect-protocol-version',
    'connect-timeout-ms',
    'connect-content-encoding',
    'connect-accept-encoding',
    'grpc-message-type',
    'grpc-timeout',
    'x-grpc-web',
    'x-user-agent',
  ],
  expose: ['content-encoding', 'connect-content-encoding', 'grpc-status', 'grpc-message', 'grpc-status-details-bin', 'retry-after'],
  max_age: 7_200,
};

export function rpcCases(host: () => TestHost): void {
  describe('procedures behind all rules', () => {
    let greeter: PublishedGreeter;
    beforeAll(async () => {
      greeter = await publishGreeter(host(), [ALL_RULES]);
      await host().admin.putSecret(greeter.name, 'USERS', 'ann:correct-horse');
    });
    const headers = { authorization: AUTHORIZATION, origin: ORIGIN, 'accept-encoding': 'br, gzip' };

    it.each(PROTOCOLS.flatMap((protocol) => [false, true].map((binary) => [protocol, binary ? 'binary' : 'JSON', binary] as const)))(
      '%s, %s: calls and streams come whole',
      async (protocol, _form, binary) => {
        const client = greeter.client(protocol, { headers, binary });
        expect((await client.greet({ name: 'Ädä' })).text).toBe('Hello, Ädä!');
        expect((await client.greet({ name: 'x'.repeat(100_000) })).text).toHaveLength(100_008);
        const numbers: number[] = [];
        for await (const { number } of client.count({ to: 500 })) numbers.push(number);
        expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
      },
    );

    it.each(PROTOCOLS)('%s: the function’s own errors are as it made them', async (protocol) => {
      const error = await errorOf(greeter.client(protocol, { headers }).greet({ name: '' }));
      expect([error.code, error.rawMessage]).toEqual([Code.InvalidArgument, 'Whom shall I greet?']);
    });

    it.each(PROTOCOLS)('%s: who is not known is unauthenticated, and hears why', async (protocol) => {
      const client = greeter.client(protocol, { headers: { origin: ORIGIN } });
      const error = await errorOf(client.greet({ name: 'Ada' }));
      expect(error).toMatchObject({ code: Code.Unauthenticated, rawMessage: expect.stringContaining('wants to know who is calling') });
      expect(error.details).toMatchObject([{ type: 'google.rpc.ErrorInfo' }]);
      const value = (error.details[0] as { readonly value: Uint8Array }).value;
      expect(new TextDecoder().decode(value)).toBe('\n\x13CREDENTIALS_MISSING\x12\x05brink');
      expect(error.metadata.get('www-authenticate')).toBe('Basic realm="brink", charset="UTF-8"');
      expect(error.metadata.get('access-control-allow-origin')).toBe(ORIGIN);
      await expect(all(client.count({ to: 1 }))).rejects.toMatchObject({ code: Code.Unauthenticated });
    });

    it('gRPC-Web as text: an error is base64 too', async () => {
      const response = await fetch(`${greeter.url}/greet.v1.Greeter/Greet`, {
        method: 'POST',
        headers: { 'content-type': 'application/grpc-web-text+proto' },
        body: 'AAAAAAA=',
      });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/grpc-web-text+proto']);
      const frame = Buffer.from(await response.text(), 'base64');
      expect([frame[0], frame.readUInt32BE(1)]).toEqual([0x80, frame.length - 5]);
      expect(frame.subarray(5).toString()).toMatch(/^grpc-status: 16\r\ngrpc-message: [ -$&-~%]+\r\ngrpc-status-details-bin: [\w+/]+\r\n$/);
    });

    it('a request that is no procedure gets problem details', async () => {
      const response = await fetch(greeter.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
      expect([response.status, response.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
    });

    it('the log has the status that it is', async () => {
      const statuses = await eventually(() => {
        const events = host().events.filter((event) => event.type === 'invocation' && event.function === greeter.name);
        const found = events.flatMap((event) => (event.type === 'invocation' && event.trigger === 'gateway' ? [event.status] : []));
        return found.length > 0 ? found : undefined;
      });
      expect(new Set(statuses)).toEqual(new Set([401]));
    });
  });

  describe('procedures', () => {
    const client = async (protocol: Protocol, gateway: readonly object[], manifest: object = {}) =>
      (await publishGreeter(host(), gateway, manifest)).client(protocol);

    it.each(PROTOCOLS.flatMap((protocol) => ['with', 'without'].map((rules) => [protocol, rules] as const)))(
      '%s, %s rules: a deadline that has passed says so',
      async (protocol, rules) => {
        const { url } = await publish(host(), 'export default { fetch: () => new Promise(() => setTimeout(() => {}, 5_000)) };', {
          manifest: { limits: { deadline_ms: 50 }, ...(rules === 'with' && { gateway: [{ response_headers: { set: { a: 'b' } } }] }) },
        });
        const error = await errorOf(greeterAt(url, protocol).greet({ name: 'Ada' }));
        expect([error.code, error.rawMessage]).toEqual([Code.DeadlineExceeded, expect.stringContaining('50 ms')]);
      },
    );

    it.each(PROTOCOLS)('%s: too many are exhausted resources, with the time to wait', async (protocol) => {
      const greeter = await client(protocol, [{ rate_limit: { limit: 1, period: '10m', by: 'function' } }]);
      await greeter.greet({ name: 'Ada' });
      const error = await errorOf(greeter.greet({ name: 'Ada' }));
      expect([error.code, error.metadata.get('retry-after')]).toEqual([Code.ResourceExhausted, expect.stringMatching(/^\d+$/)]);
    });

    it.each(PROTOCOLS.flatMap((protocol) => ['version', 'operator'].map((whose) => [protocol, whose] as const)))(
      '%s, rules of the %s: an open circuit is unavailable, and what failed counts by itself',
      async (protocol, whose) => {
        const gateway = [{ circuit_breaker: { minimum: 2, errors: 0.5 } }];
        const { name, url } = await publish(host(), 'export default { fetch() { throw new Error("no"); } };', {
          manifest: whose === 'version' ? { gateway } : {},
        });
        if (whose === 'operator') await host().admin.putGateway(name, gateway);
        const greeter = greeterAt(url, protocol);
        const codes: Code[] = [];
        for (let each = 0; each < 3; each++) codes.push((await errorOf(greeter.greet({ name: 'Ada' }))).code);
        expect(codes).toEqual([Code.Unknown, Code.Unknown, Code.Unavailable]);
      },
    );

    it('Connect: a call with GET is answered from what is kept, with its own tag', async () => {
      const greeter = await publishGreeter(host(), [{ cache: {}, etag: true, compress: { min_size: 1 } }]);
      const get = greeter.client('Connect', { get: true });
      expect((await get.greet({ name: 'Ada' })).text).toBe('Hello, Ada!');
      const url = `${greeter.url}/greet.v1.Greeter/Greet?connect=v1&encoding=json&message=${encodeURIComponent('{"name":"Ada"}')}`;
      await (await fetch(url)).text();
      const again = await fetch(url);
      expect([await again.json(), again.headers.get('cache-status')]).toEqual([{ text: 'Hello, Ada!' }, expect.stringContaining('hit')]);
      expect(again.headers.get('etag')).toMatch(/^(W\/)?"/);
    });

    it('Connect: a call with GET that is refused hears it as Connect says it', async () => {
      const greeter = await publishGreeter(host(), [{ access: { deny: ['127.0.0.1', '::1'] } }]);
      const error = await errorOf(greeter.client('Connect', { get: true }).greet({ name: 'Ada' }));
      expect(error.code).toBe(Code.PermissionDenied);
    });

    it('pages of another site may send what Connect and gRPC-Web need, and read what they answer', async () => {
      const { url } = await publishGreeter(host(), [{ cors: RPC_CORS, auth: { basic: { users: 'USERS' } } }]);
      for (const method of cors.allowedMethods) {
        const preflight = await fetch(`${url}/greet.v1.Greeter/Greet`, {
          method: 'OPTIONS',
          headers: {
            origin: ORIGIN,
            'access-control-request-method': method,
            'access-control-request-headers': cors.allowedHeaders
              // A page cannot set it. https://fetch.spec.whatwg.org/#forbidden-request-header
              .filter((name) => name !== 'Accept-Encoding')
              .map((name) => name.toLowerCase())
              .toSorted((a, b) => a.localeCompare(b))
              .join(','),
          },
        });
        expect([
          preflight.status,
          preflight.headers.get('access-control-allow-origin'),
          preflight.headers.get('access-control-max-age'),
        ]).toEqual([204, ORIGIN, '7200']);
      }
      const refused = await fetch(`${url}/greet.v1.Greeter/Greet`, {
        method: 'POST',
        headers: { origin: ORIGIN, 'content-type': 'application/proto' },
      });
      const exposed = refused.headers.get('access-control-expose-headers')!.split(', ');
      for (const name of cors.exposedHeaders) expect(exposed).toContain(name.toLowerCase());
    });

    it.each([
      ['gzip', 'application/proto', 'gzip'],
      ['gzip', 'application/grpc-web+proto', undefined],
      ['gzip', 'application/connect+json', undefined],
    ])('%s: of a response of %s, the coding is %s', async (accepted, type, coding) => {
      const source = `export default { fetch: () => new Response('x'.repeat(5_000), { headers: { 'content-type': '${type}' } }) };`;
      const { url } = await publish(host(), source, { manifest: { gateway: [{ compress: { types: ['*'] } }] } });
      const response = await fetch(url, { method: 'POST', headers: { 'accept-encoding': accepted } });
      expect(response.headers.get('content-encoding')).toBe(coding ?? null);
      expect(await response.text()).toBe('x'.repeat(5_000));
    });
  });
}

async function errorOf(call: Promise<unknown>): Promise<ConnectError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectError)) throw new Error(`No ConnectError, but ${String(error)}`);
  return error;
}

async function all(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _each of stream);
}
