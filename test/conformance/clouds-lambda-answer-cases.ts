import { describe, expect, it } from 'vitest';
import { publishFiles } from './clouds-publish.ts';
import { eventually, type TestHost } from './harness.ts';

/** What handlers of AWS Lambda give, and what becomes of it. */
export function lambdaAnswerCases(host: () => TestHost): void {
  /** Publishes a handler that gives what the body of the request says, by name. */
  const giving = async (results: string, event = 'v2') => {
    const source = `const results = ${results}; exports.handler = async (event) => results[event.queryStringParameters.give];`;
    const { url } = await publishFiles(host(), { 'index.js': source }, `[lambda]\nevent = "${event}"\n`);
    return (name: string) => fetch(`${url}/?give=${name}`);
  };

  describe('answers of lambda', () => {
    it('payload 2.0: what has no statusCode is the body, as JSON', async () => {
      const give = await giving('{ text: "Hello from Lambda!", object: { message: "hi" }, list: [1, 2], nothing: undefined }');
      const got = async (name: string) => {
        const response = await give(name);
        return [response.status, response.headers.get('content-type'), await response.text()];
      };
      expect(await got('text')).toEqual([200, 'application/json', 'Hello from Lambda!']);
      expect(await got('object')).toEqual([200, 'application/json', '{"message":"hi"}']);
      expect(await got('list')).toEqual([200, 'application/json', '[1,2]']);
      expect(await got('nothing')).toEqual([200, 'application/json', 'null']);
    });

    it('payload 2.0: status, headers, cookies and base64', async () => {
      const give = await giving(`{
        whole: { statusCode: 201, headers: { 'X-Own': 'a', 'X-Number': 5 }, cookies: ['a=1; Path=/', 'b=2'], body: 'AQL/', isBase64Encoded: true },
        empty: { statusCode: 204 },
        text: { statusCode: '404', body: 'no' },
      }`);
      const whole = await give('whole');
      expect([whole.status, whole.headers.get('x-own'), whole.headers.get('x-number')]).toEqual([201, 'a', '5']);
      expect(whole.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
      expect(new Uint8Array(await whole.arrayBuffer())).toEqual(new Uint8Array([1, 2, 255]));
      expect((await give('empty')).status).toBe(204);
      const text = await give('text');
      expect([text.status, text.headers.get('content-type'), await text.text()]).toEqual([404, 'text/plain; charset=utf-8', 'no']);
    });

    it('payload 1.0: multiValueHeaders beside headers, of which they replace those of their name', async () => {
      const give = await giving(
        "{ both: { statusCode: 200, headers: { 'X-A': 'one', 'X-B': 'b' }, multiValueHeaders: { 'x-a': ['two', 'three'], 'Set-Cookie': ['a=1', 'b=2'] }, body: '{}' } }",
        'v1',
      );
      const { headers } = await give('both');
      expect([headers.get('x-a'), headers.get('x-b'), headers.get('content-type')]).toEqual(['two, three', 'b', 'application/json']);
      expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    });

    it.for([
      [
        'v1',
        [
          ['{ message: 1 }', 'gave the statusCode undefined'],
          ['"text"', 'gave string in place of an object with statusCode'],
          ['undefined', 'gave nothing in place of'],
          ['{ statusCode: 200, body: { a: 1 } }', 'gave a body that is object; it must be a string'],
          ['{ statusCode: 200, multiValueHeaders: { a: "b" } }', 'multiValueHeaders whose a is no list'],
        ],
      ],
      ['alb', [['{ body: "" }', 'gave the statusCode undefined']]],
      [
        'v2',
        [
          ['{ statusCode: 99 }', 'gave the statusCode 99'],
          ['{ statusCode: 200, headers: { a: {} } }', 'a header a that is object'],
          ['{ statusCode: 200, headers: { "a b": "c" } }', 'that HTTP cannot carry'],
          ['{ statusCode: 200, cookies: "a=1" }', 'cookies that are no list'],
          ['{ statusCode: 200, body: { a: 1n } }', 'gave a body that is object'],
        ],
      ],
    ] as const)('what is malformed for %s is 502, and the log says why', async ([event, rows]) => {
      const give = await giving(`[${rows.map(([result]) => result).join(', ')}]`, event);
      for (const [index, [, why]] of rows.entries()) {
        const before = host().events.length;
        const response = await give(String(index));
        expect(response.status).toBe(502);
        expect(await response.json()).toMatchObject({ code: 'response-invalid' });
        const message = await eventually(() => {
          const texts = host()
            .events.slice(before)
            .map((each) => JSON.stringify(each));
          return texts.find((text) => text.includes('Malformed Lambda proxy response'));
        });
        expect(message).toContain(why);
      }
    });
  });
}
