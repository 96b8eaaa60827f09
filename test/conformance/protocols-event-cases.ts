import { request as nodeRequest, type IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, publish, type TestHost } from './harness.ts';
import { ALL_RULES, AUTHORIZATION, ORIGIN } from './protocols-rules.ts';

/** Each stream has what `/say` is told for its `id`, and no more. */
const SOURCE = `
const said = new Map();
const ended = [];
const text = new TextEncoder();
export default { async fetch(request) {
  const { pathname, searchParams } = new URL(request.url);
  const id = searchParams.get('id');
  if (pathname === '/say') return said.get(id).push(await request.text()), new Response('said');
  if (pathname === '/ended') return Response.json(ended);
  said.set(id, ['id: 1\\ndata: after ' + request.headers.get('last-event-id') + '\\n\\n']);
  request.signal.addEventListener('abort', () => ended.push('signal ' + id));
  const stream = new ReadableStream({
    async pull(controller) {
      const mine = said.get(id);
      while (mine.length === 0) await scheduler.wait(5);
      const next = mine.shift();
      if (next === 'end') return controller.close();
      controller.enqueue(text.encode(next));
    },
    cancel() { ended.push('stream ' + id); },
  });
  return new Response(stream, { headers: { 'content-type': searchParams.get('type') ?? 'text/event-stream', 'x-own': '1' } });
} }`;

export function eventCases(host: () => TestHost): void {
  describe('server-sent events behind all rules', () => {
    let url: string;
    let streams = 0;
    beforeAll(async () => {
      const manifest = {
        gateway: [ALL_RULES],
        scaling: { max_cells: 1 },
        limits: { deadline_ms: 2_000 },
        compatibility_flags: ['enable_request_signal'],
      };
      const published = await publish(host(), SOURCE, { manifest });
      url = published.url;
      await host().admin.putSecret(published.name, 'USERS', 'ann:correct-horse');
    });
    const post = async (path: string, body = '') =>
      (await fetch(`${url}${path}`, { method: 'POST', body, headers: { authorization: AUTHORIZATION } })).text();
    const listen = async (headers: Record<string, string> = {}, query = '') => {
      const id = String(++streams);
      const stream = await open(`${url}events?id=${id}${query}`, headers);
      return { id, ...stream, say: (text: string) => post(`say?id=${id}`, text) };
    };

    it('each event leaves before the next is made, as it is', async () => {
      const { response, next, say } = await listen({ 'accept-encoding': 'br, gzip, zstd' });
      const { headers } = response;
      expect([headers['content-type'], headers['content-encoding'], headers['etag']]).toEqual(['text/event-stream', undefined, undefined]);
      expect([headers['access-control-allow-origin'], headers['x-from-rules'], headers['content-length']]).toEqual([
        ORIGIN,
        '1',
        undefined,
      ]);
      expect(await next()).toBe('id: 1\ndata: after null\n\n');
      for (const each of ['2', '3', '4']) {
        await say(`id: ${each}\n\n`);
        expect(await next()).toBe(`id: ${each}\n\n`);
      }
      await say('end');
      expect(await next()).toBeNull();
    });

    it('a type with parameters, in other letters, is one of events too', async () => {
      const { response, next, say } = await listen({ 'accept-encoding': 'gzip' }, '&type=Text/Event-Stream;charset=utf-8');
      expect([response.headers['content-encoding'], response.headers['etag']]).toEqual([undefined, undefined]);
      expect(await next()).toBe('id: 1\ndata: after null\n\n');
      await say('end');
      expect(await next()).toBeNull();
    });

    it('a client that comes back says where it was', async () => {
      const { next, response } = await listen({ 'last-event-id': '41' });
      expect(await next()).toBe('id: 1\ndata: after 41\n\n');
      response.destroy();
    });

    it('two clients of one URL have a stream each', async () => {
      const id = String(++streams);
      const both = await Promise.all(['a', 'b'].map((last) => open(`${url}events?id=${id}`, { 'last-event-id': last })));
      const first = await Promise.all(both.map(({ next }) => next()));
      expect(first).toEqual(['id: 1\ndata: after a\n\n', 'id: 1\ndata: after b\n\n']);
      for (const { response } of both) response.destroy();
    });

    it('a client that leaves ends the function’s stream', async () => {
      const { id, next, response, say } = await listen();
      await next();
      response.destroy();
      // The runtime hears of it when the next event is written.
      if (host().platform === 'workerd') for (const each of ['2', '3', '4']) await say(`id: ${each}\n\n`);
      await eventually(async () => ((JSON.parse(await post('ended')) as string[]).includes(`stream ${id}`) ? true : undefined));
    });

    it('no limit ends a stream that is silent for long', async () => {
      const { next, say } = await listen();
      await next();
      // More than the deadline, and than the time that a slow client has.
      await new Promise((resolve) => setTimeout(resolve, 2_600));
      await say('data: still here\n\n');
      expect(await next()).toBe('data: still here\n\n');
      await say('end');
      expect(await next()).toBeNull();
    });
  });
}

interface EventStream {
  readonly response: IncomingMessage;
  /** What comes next; null at the end. */
  next(): Promise<string | null>;
}

/** As the bytes come. */
function open(url: string, headers: Record<string, string>): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const request = nodeRequest(url, { headers: { authorization: AUTHORIZATION, origin: ORIGIN, ...headers } }, (response) => {
      const pieces = response
        .setEncoding('utf8')
        .on('error', () => {})
        [Symbol.asyncIterator]() as AsyncIterator<string>;
      resolve({
        response,
        async next() {
          const { done, value } = await pieces.next();
          return done === true ? null : value;
        },
      });
    });
    request.on('error', reject).end();
  });
}
