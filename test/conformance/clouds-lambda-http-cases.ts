import { describe, expect, it } from 'vitest';
import { publishFiles } from './clouds-publish.ts';
import { keysOf } from './clouds-shapes.ts';
import type { TestHost } from './harness.ts';
import { ALB, HTTP_API, REST_API } from './clouds-lambda-samples.ts';

const ECHO =
  'exports.handler = async (event) => ({ statusCode: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(event) });';

type Event = Record<string, unknown> & { body?: string | null; isBase64Encoded: boolean };

/** Requests to handlers written for AWS Lambda, by each event that AWS's fronts make of them. */
export function lambdaHttpCases(host: () => TestHost): void {
  const published = new Map<string, ReturnType<typeof publishFiles>>();
  const echo = (event: string, more = '') => {
    const key = event + more;
    if (!published.has(key)) published.set(key, publishFiles(host(), { 'index.js': ECHO }, `[lambda]\nevent = "${event}"\n${more}`));
    return published.get(key)!;
  };
  const request = {
    method: 'POST',
    headers: { cookie: 'cookie1=a; cookie2=b', 'content-type': 'application/json', 'x-own': '1' },
    body: '{"hello":"world"}',
  };

  describe('lambda over HTTP', () => {
    it.for(['v2', 'url'])('payload 2.0, key by key (%s)', async (shape) => {
      const { url } = await echo(shape);
      const event = (await (await fetch(`${url}/my/path?parameter1=value1&parameter1=value2&parameter2=a%20b`, request)).json()) as Event;
      expect(event).toMatchObject({
        version: '2.0',
        routeKey: '$default',
        rawPath: '/my/path',
        rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=a%20b',
        cookies: ['cookie1=a', 'cookie2=b'],
        headers: { 'content-type': 'application/json', 'x-own': '1', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
        queryStringParameters: { parameter1: 'value1,value2', parameter2: 'a b' },
        requestContext: { http: { method: 'POST', path: '/my/path', sourceIp: '127.0.0.1' }, stage: '$default' },
        body: '{"hello":"world"}',
        isBase64Encoded: false,
      });
      expect(event['headers']).not.toHaveProperty('cookie');
      expect(keysOf(event, HTTP_API)).toEqual([]);
    });

    it('payload 1.0 of REST APIs, key by key', async () => {
      const { name, url } = await echo('v1');
      const event = (await (await fetch(`${url}/my/path?parameter1=value1&parameter1=value2&parameter2=value`, request)).json()) as Event;
      expect(event).toMatchObject({
        resource: '/{proxy+}',
        path: '/my/path',
        httpMethod: 'POST',
        headers: { 'Content-Type': 'application/json', Cookie: 'cookie1=a; cookie2=b', 'X-Own': '1' },
        multiValueHeaders: { 'Content-Type': ['application/json'] },
        queryStringParameters: { parameter1: 'value2', parameter2: 'value' },
        multiValueQueryStringParameters: { parameter1: ['value1', 'value2'], parameter2: ['value'] },
        pathParameters: { proxy: 'my/path' },
        stageVariables: null,
        requestContext: { path: `/${name}/my/path`, httpMethod: 'POST', identity: { sourceIp: '127.0.0.1', user: null } },
        body: '{"hello":"world"}',
        isBase64Encoded: false,
      });
      expect(keysOf(event, REST_API)).toEqual([]);
      const bare = (await (await fetch(`${url}/`)).json()) as Event;
      expect(bare).toMatchObject({
        resource: '/',
        pathParameters: null,
        queryStringParameters: null,
        multiValueQueryStringParameters: null,
        body: null,
      });
    });

    it('the event of a load balancer, key by key, whose query stays in its coding', async () => {
      const { url } = await echo('alb');
      const event = (await (await fetch(`${url}/lambda?query=1234ABCD&a=b%20c`, { headers: { 'x-own': '1' } })).json()) as Event;
      expect(event).toMatchObject({
        httpMethod: 'GET',
        path: '/lambda',
        queryStringParameters: { query: '1234ABCD', a: 'b%20c' },
        body: '',
        isBase64Encoded: false,
      });
      expect(keysOf(event, ALB)).toEqual([]);
    });

    it('the event of a load balancer with values that come more than once', async () => {
      const { url } = await echo('alb', 'multi_value_headers = true\n');
      const response = await fetch(`${url}/lambda?a=1&a=2`);
      // Of such a target group, headers without multiValueHeaders are nothing.
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
      expect(await response.json()).toMatchObject({
        multiValueQueryStringParameters: { a: ['1', '2'] },
        multiValueHeaders: { host: [expect.any(String)] },
      });
    });

    it.for([
      ['v2', 'text/plain', 'hé', 'hé', false],
      ['v2', 'application/vnd.api+json', '{}', '{}', false],
      ['v2', 'image/png', '\x01', 'AQ==', true],
      ['v2', 'application/x-www-form-urlencoded', 'a=1', 'YT0x', true],
      ['v1', 'application/x-www-form-urlencoded', 'a=1', 'a=1', false],
      ['v1', 'application/octet-stream', 'a=1', 'YT0x', true],
      ['alb', 'application/xml', '<a/>', '<a/>', false],
      ['alb', 'application/octet-stream', '\x01', 'AQ==', true],
    ] as const)('a body to %s of type %s', async ([shape, type, body, text, isBase64Encoded]) => {
      const { url } = await echo(shape);
      const event = (await (await fetch(`${url}/`, { method: 'POST', headers: { 'content-type': type }, body })).json()) as Event;
      expect(event).toMatchObject({ body: text, isBase64Encoded });
    });

    it('text that is none, and what is in a coding, goes in base64', async () => {
      const { url } = await echo('v2');
      const send = async (headers: Record<string, string>, body: BodyInit) =>
        (await (await fetch(`${url}/`, { method: 'POST', headers: { 'content-type': 'text/plain', ...headers }, body })).json()) as Event;
      expect(await send({}, new Uint8Array([0xff, 0xfe]))).toMatchObject({ body: '//4=', isBase64Encoded: true });
      expect(await send({ 'content-encoding': 'gzip' }, 'abc')).toMatchObject({ body: 'YWJj', isBase64Encoded: true });
    });

    it('event = "direct" takes the event as it is, and gives the result', async () => {
      const { url } = await publishFiles(
        host(),
        { 'index.mjs': 'export const handler = async ({ a, b }) => ({ sum: a + b });' },
        '[lambda]\nevent = "direct"\n',
      );
      expect(await (await fetch(`${url}/`, { method: 'POST', body: '{"a":1,"b":2}' })).json()).toEqual({ sum: 3 });
    });
  });
}
