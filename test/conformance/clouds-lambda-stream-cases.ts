import { describe, expect, it } from 'vitest';
import { publishFiles } from './clouds-publish.ts';
import { eventually, type TestHost } from './harness.ts';

/** `awslambda.streamifyResponse`. */
export function lambdaStreamCases(host: () => TestHost): void {
  const streaming = async (body: string, more = '') => {
    const source = `const { pipeline } = require('node:stream/promises'); const { Readable } = require('node:stream'); ${more}
      exports.handler = awslambda.streamifyResponse(async (event, responseStream, context) => { ${body} });`;
    return publishFiles(host(), { 'index.js': source });
  };

  describe('response streaming of lambda', () => {
    it('a pipeline, a type, a status, headers and cookies', async () => {
      const { url } = await streaming(`
        if (event.rawPath === '/typed') { responseStream.setContentType('text/plain'); responseStream.write('one '); responseStream.end('two'); return; }
        const head = { statusCode: 201, headers: { 'x-own': '1', 'content-type': 'text/csv' }, cookies: ['a=1', 'b=2'] };
        responseStream = awslambda.HttpResponseStream.from(responseStream, head);
        await pipeline(Readable.from(['a,b\\n', '1,2\\n']), responseStream);`);
      const typed = await fetch(`${url}/typed`);
      expect([typed.status, typed.headers.get('content-type'), await typed.text()]).toEqual([200, 'text/plain', 'one two']);
      const piped = await fetch(`${url}/`);
      expect([piped.status, piped.headers.get('x-own'), piped.headers.get('content-type')]).toEqual([201, '1', 'text/csv']);
      expect(piped.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(await piped.text()).toBe('a,b\n1,2\n');
    });

    it('the client has the first bytes before the last are written, and the writer waits for it', async () => {
      const { url } = await streaming(
        `if (event.rawPath === '/written') { responseStream.end(String(written)); return; }
        for (let index = 0; index < 64; index++) {
          if (!responseStream.write(Buffer.alloc(1024 * 1024, 65 + index % 26))) await new Promise((resolve) => responseStream.once('drain', resolve));
          written++;
        }
        responseStream.end();`,
        'let written = 0;',
      );
      const reader = (await fetch(`${url}/`)).body!.getReader();
      let bytes = (await reader.read()).value!.byteLength;
      await new Promise((resolve) => setTimeout(resolve, 200));
      const written = Number(await (await fetch(`${url}/written`)).text());
      expect(written).toBeLessThan(64);
      for (let next = await reader.read(); !next.done; next = await reader.read()) bytes += next.value.byteLength;
      expect(bytes).toBe(64 * 1024 * 1024);
    });

    it('what throws before the first byte is answered 500; afterwards the body breaks off', async () => {
      const { url } =
        await streaming(`if (event.rawPath === '/late') { responseStream.write('some'); await new Promise((resolve) => setTimeout(resolve, 50)); }
        throw new Error('stream went wrong');`);
      const response = await fetch(`${url}/early`);
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([500, 'handler-threw']);
      const before = host().events.length;
      await expect((async () => (await fetch(`${url}/late`)).text())()).rejects.toThrow();
      await eventually(() =>
        host()
          .events.slice(before)
          .find((each) => JSON.stringify(each).includes('stream went wrong')),
      );
    });

    it('a handler that returns without an end has ended', async () => {
      const { url } = await streaming("responseStream.write('all of it');");
      expect(await (await fetch(`${url}/`)).text()).toBe('all of it');
    });
  });
}
