import { describe, expect, it } from 'vitest';
import { publishFiles } from './clouds-publish.ts';
import { eventually, type TestHost } from './harness.ts';

/** How a handler of AWS Lambda is called, and how it ends. */
export function lambdaInvocationCases(host: () => TestHost): void {
  const text = async (files: Record<string, string>, config = '') =>
    (await fetch(`${(await publishFiles(host(), files, config)).url}/`)).text();
  /** A handler that does what the query names. */
  const oneOf = async (handlers: string, config = '') => {
    const source = `const all = ${handlers}; exports.handler = (event, context, callback) => all[event.rawQueryString](event, context, callback);`;
    const { url } = await publishFiles(host(), { 'index.js': source }, config);
    return (how: string) => fetch(`${url}/?${how}`);
  };
  const logged = (part: string, from: number) =>
    eventually(() =>
      host()
        .events.slice(from)
        .map((each) => JSON.stringify(each))
        .find((each) => each.includes(part)),
    );

  describe('invocations of lambda', () => {
    it.for([
      ['an ES module', { 'index.mjs': "export const handler = async () => 'async esm';" }, 'async esm'],
      ['TypeScript', { 'index.ts': 'export const handler = async (event: { version: string }): Promise<string> => event.version;' }, '2.0'],
      ['module.exports', { 'index.cjs': "module.exports = { handler: async () => 'module.exports' };" }, 'module.exports'],
      ['a plain function that can say nothing later', { 'index.js': "exports.handler = () => 'ignored, as on AWS';" }, 'null'],
    ] as const)('%s', async ([, files, expected]) => {
      expect(await text(files)).toBe(expected);
    });

    it('the first answer holds, by promise, callback or context', async () => {
      const call = await oneOf(`{
        returned: async () => 'returned',
        promise: () => Promise.resolve('promise'),
        callback: (event, context, callback) => setTimeout(() => callback(null, 'callback'), 5),
        atOnce: (event, context, callback) => { callback(null, 'atOnce'); },
        succeed: (event, context) => { setTimeout(() => context.succeed('succeed'), 5); },
        done: (event, context) => context.done(null, 'done'),
        first: (event, context, callback) => { callback(null, 'first'); callback(null, 'second'); context.fail(new Error('third')); },
        beforePromise: async (event, context, callback) => { callback(null, 'beforePromise'); return 'returned'; },
        afterPromise: async (event, context, callback) => { setTimeout(() => callback(new Error('late')), 5); return 'afterPromise'; },
      }`);
      for (const how of ['returned', 'promise', 'callback', 'atOnce', 'succeed', 'done', 'first', 'beforePromise', 'afterPromise'])
        expect(await (await call(how)).text()).toBe(how);
    });

    it('[lambda] export names another, also one inside of an object', async () => {
      const files = { 'index.js': "exports.main = async () => 'main'; exports.api = { get: async () => 'get' };" };
      expect(await text(files, 'handler = "lambda"\n[lambda]\nexport = "main"\n')).toBe('main');
      expect(await text(files, 'handler = "lambda"\n[lambda]\nexport = "api.get"\n')).toBe('get');
    });

    it('what is not exported cannot be published, and the message has what is', async () => {
      const files = { 'index.js': 'exports.main = async () => 1; exports.other = 2;' };
      await expect(publishFiles(host(), files, 'handler = "lambda"\n')).rejects.toThrow(
        /exports no function "handler" for AWS Lambda to call; it exports "main", "other".*\[lambda\] export = "NAME"/,
      );
    });

    it('the context says what the host knows', async () => {
      const source = `exports.handler = async (event, context) => ({
        ...context, left: context.getRemainingTimeInMillis(), requestId: event.requestContext.requestId, callable: typeof context.done,
      });`;
      const { name, url } = await publishFiles(host(), { 'index.js': source }, '[limits]\ndeadline_ms = 5000\nmemory_mb = 256\n');
      const context = (await (await fetch(`${url}/`)).json()) as Record<string, unknown>;
      expect(context).toMatchObject({
        functionName: name,
        functionVersion: '1',
        invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}:live`,
        memoryLimitInMB: '256',
        logGroupName: `/aws/lambda/${name}`,
        callbackWaitsForEmptyEventLoop: true,
        callable: 'function',
      });
      expect(context['awsRequestId']).toBe(context['requestId']);
      expect(context['awsRequestId']).toMatch(/^[0-9a-f]{16}$/);
      expect(context['left']).toBeGreaterThan(4_000);
      expect(context['left']).toBeLessThanOrEqual(5_000);
    });

    it('the environment is there when the module begins', async () => {
      const source = `const { GREETING, NUMBER, AWS_REGION, AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, _HANDLER } = process.env;
      exports.handler = async () => ({ GREETING, NUMBER, AWS_REGION, AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, _HANDLER });`;
      const { name, url } = await publishFiles(
        host(),
        { 'index.js': source },
        '[vars]\nGREETING = "Hello"\nNUMBER = 5\nAWS_REGION = "eu-west-1"\n',
      );
      expect(await (await fetch(`${url}/`)).json()).toEqual({
        GREETING: 'Hello',
        NUMBER: '5',
        AWS_REGION: 'eu-west-1',
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        _HANDLER: 'index.handler',
      });
    });

    it('a secret is in the environment from the next request on', async () => {
      const source = `const { KEY } = process.env; exports.handler = async () => ({ KEY, now: process.env.KEY, version: process.env.AWS_LAMBDA_FUNCTION_VERSION });`;
      const { name, url } = await publishFiles(host(), { 'index.js': source });
      const seen = async () => (await fetch(`${url}/`)).json();
      expect(await seen()).toEqual({ version: '1' });
      await host().admin.putSecret(name, 'KEY', 'first');
      expect(await seen()).toEqual({ KEY: 'first', now: 'first', version: '1' });
      await host().admin.putSecret(name, 'KEY', 'second');
      expect(await seen()).toEqual({ KEY: 'second', now: 'second', version: '1' });
    });

    it("an error is logged with the author's file and line", async () => {
      const before = host().events.length;
      const { url } = await publishFiles(host(), {
        'src/index.ts':
          "interface A {}\n\nexport const handler = async (event: A) => {\n  throw new Error('mapped ' + typeof event);\n};\n",
      });
      expect((await fetch(`${url}/`)).status).toBe(500);
      expect(await logged('mapped object', before)).toContain('src/index.ts:4');
    });

    it("CommonJS requires Node's modules without a flag", async () => {
      const source =
        "const { createHash } = require('crypto'); const path = require('node:path'); exports.handler = async () => createHash('sha256').update(path.join('a', 'b')).digest('hex');";
      expect(await text({ 'index.js': source })).toMatch(/^[0-9a-f]{64}$/);
    });

    it('errors are answered 500 and logged, however they are told', async () => {
      const call = await oneOf(`{
        async: async () => { throw new Error('wrong async'); },
        plain: (event, context, callback) => { throw new Error('wrong plain'); },
        callback: (event, context, callback) => callback(new Error('wrong callback')),
        text: (event, context, callback) => callback('wrong text'),
        fail: (event, context) => { setTimeout(() => context.fail(new Error('wrong fail')), 5); },
      }`);
      for (const how of ['async', 'plain', 'callback', 'text', 'fail']) {
        const before = host().events.length;
        const response = await call(how);
        expect(response.status).toBe(500);
        expect(await response.json()).toMatchObject({ code: 'handler-threw' });
        expect(await logged(`wrong ${how}`, before)).toBeDefined();
      }
    });

    it('what never calls back, or never resolves, is cut off at its deadline', async () => {
      const call = await oneOf('{ callback: () => {}, promise: () => new Promise(() => {}) }', '[limits]\ndeadline_ms = 300\n');
      for (const how of ['callback', 'promise']) {
        const response = await call(how);
        expect(response.status).toBe(504);
        expect(await response.json()).toMatchObject({ code: 'deadline-exceeded' });
      }
    });
  });
}
