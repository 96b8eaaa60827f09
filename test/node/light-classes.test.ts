import { describe, expect, it } from 'vitest';
import { BodyReader } from '../../host/platforms/node/body.ts';
import { LightResponse } from '../../host/platforms/node/light-response.ts';
import { CellRequest, IncomingRequest } from '../../host/platforms/node/light-request.ts';

/** What a function does with a request or a response, and gives back, as text. */
type Use<Subject> = (subject: Subject) => unknown;

/** The value, or the name of what is thrown. */
async function outcomeOf<Subject>(subject: Subject, use: Use<Subject>): Promise<unknown> {
  try {
    return await use(subject);
  } catch (error) {
    return `${(error as Error).name}!`;
  }
}

const URL_ = 'http://host.example/path?x=1';
const LINES = ['content-type', 'application/x-www-form-urlencoded', 'x-own', 'a', 'x-own', 'b'];
const BODY = '\ufeffa=1&b=ü';

function incoming(method: string, body: string | null): Request {
  const reader = body === null ? null : new BodyReader(1, { send() {}, own: (bytes) => bytes });
  if (body !== null && reader !== null) {
    const bytes = new TextEncoder().encode(body);
    reader.push(bytes.subarray(0, 3));
    reader.push(bytes.subarray(3));
    reader.end();
  }
  return new IncomingRequest(method, URL_, LINES, reader) as unknown as Request;
}

function native(method: string, body: string | null): Request {
  const pairs = Array.from({ length: LINES.length / 2 }, (_, index): [string, string] => [LINES[2 * index]!, LINES[2 * index + 1]!]);
  const bytes = body === null ? null : new TextEncoder().encode(body);
  return new Request(URL_, { method, headers: pairs, body: bytes, redirect: 'manual' });
}

const READS = ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const;
const PROPERTIES = ['method', 'url', 'cache', 'credentials', 'destination', 'duplex', 'integrity', 'isHistoryNavigation', 'isReloadNavigation', 'keepalive', 'mode', 'redirect', 'referrer', 'referrerPolicy', 'bodyUsed'] as const; // prettier-ignore

const plain = async (value: unknown): Promise<unknown> => {
  if (value instanceof Blob) return [value.type, await value.text()];
  if (value instanceof FormData) return [...value];
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (value instanceof Uint8Array) return [...value];
  return value;
};
const properties = (request: Request) => PROPERTIES.map((name) => [name, (request as unknown as Record<string, unknown>)[name]]);
const read = async (request: Body, how: (typeof READS)[number]) => plain(await request[how]());

const REQUEST_USES: Record<string, Use<Request>> = {
  properties,
  headers: (request) => [...request.headers],
  'keys in it': (request) => PROPERTIES.every((name) => name in request),
  'instance of': (request) => [(request as unknown) instanceof CellRequest, Object.prototype.toString.call(request)],
  ...Object.fromEntries(READS.map((how) => [`read by ${how}`, (request: Request) => read(request, how)])),
  ...Object.fromEntries(READS.map((how) => [`read twice by ${how}`, async (request: Request) => [await outcomeOf(request, (each) => read(each, how)), await outcomeOf(request, (each) => read(each, how)), request.bodyUsed]])), // prettier-ignore
  'used as soon as it is being read': (request) => {
    void request.text();
    return request.bodyUsed;
  },
  'properties after a read': async (request) => {
    await request.text();
    return [properties(request), request.body === null, request.body?.locked];
  },
  'a clone after a read': async (request) => {
    await request.text();
    return request.clone().text();
  },
  'a clone': async (request) => {
    const clone = request.clone();
    return [await clone.text(), await request.text(), properties(clone)];
  },
  'a clone of a clone': async (request) => request.clone().clone().text(),
  'a copy': async (request) => {
    const copy = new CellRequest(request);
    return [request.bodyUsed, await copy.text(), copy.method, [...copy.headers]];
  },
  'a copy with another body, after a read': async (request) => {
    await request.text();
    return new CellRequest(request, { method: 'POST', body: 'other' }).text();
  },
  'a copy after a read': async (request) => {
    await request.text();
    return new CellRequest(request).text();
  },
  'a copy by its properties': async (request) => new CellRequest('http://other/', request).text(),
  'the stream': async (request) => (request.body === null ? null : new Response(request.body).text()),
  'a read of a locked stream': async (request) => {
    request.body?.getReader();
    return request.text();
  },
  'a read of a stream that was cancelled': async (request) => {
    await request.body?.cancel();
    return [request.bodyUsed, await outcomeOf(request, (each) => each.text())];
  },
  'the signal': (request) => [request.signal.aborted, request.signal === request.signal],
};

describe('the light Request does what Node’s own does', () => {
  describe.each([
    ['POST', BODY],
    ['POST', '{"a":[1]}'],
    ['PUT', ''],
    ['GET', null],
    ['DELETE', null],
  ])('%s with %j', (method, body) => {
    it.each(Object.keys(REQUEST_USES))('%s', async (name) => {
      const use = REQUEST_USES[name]!;
      const expected = await outcomeOf(native(method, body), use);
      expect(await outcomeOf(incoming(method, body), use)).toEqual(expected);
    });
  });

  it('a GET with a body can be read, and copied without it', async () => {
    expect(await incoming('GET', 'abc').text()).toBe('abc');
    expect(await incoming('GET', 'abc').clone().text()).toBe('');
    expect(incoming('HEAD', 'abc').redirect).toBe('manual');
  });
});

const RESPONSES: Record<string, (Class: typeof Response) => Response> = {
  nothing: (Class) => new Class(),
  null: (Class) => new Class(null),
  'an empty text': (Class) => new Class(''),
  text: (Class) => new Class('tüxt'),
  'a number': (Class) => new Class(5 as unknown as BodyInit),
  bytes: (Class) => new Class(new Uint8Array([104, 105])),
  'a part of bytes': (Class) => new Class(new Uint8Array([1, 104, 105, 2]).subarray(1, 3)),
  'other numbers': (Class) => new Class(new Uint16Array([0x6968])),
  'a buffer': (Class) => new Class(new Uint8Array([104, 105]).buffer),
  'a blob': (Class) => new Class(new Blob(['x'], { type: 'text/b' })),
  'search parameters': (Class) => new Class(new URLSearchParams({ a: 'b c' })),
  'a stream': (Class) => new Class(new Blob(['streamed']).stream()),
  'a used stream': (Class) => {
    const stream = new Blob(['x']).stream();
    void stream.getReader().read();
    return new Class(stream);
  },
  'a status': (Class) => new Class('x', { status: 418, statusText: 'Teapot' }),
  ...Object.fromEntries([199, 600, 0, 200.9, '404', null, undefined, NaN, 65_736, true, 101, 204, 205, 304].map((status) => [`the status ${String(status)}`, (Class: typeof Response) => new Class(null, { status: status as number })])), // prettier-ignore
  ...Object.fromEntries([204, 205, 304].map((status) => [`a body and ${status}`, (Class: typeof Response) => new Class('x', { status })])),
  ...Object.fromEntries(['a\nb', 'a\rb', 'a\0', '\u0100', 'é', '\t', '\x7f', null, 5].map((text) => [`the status text ${JSON.stringify(text)}`, (Class: typeof Response) => new Class(null, { statusText: text as string })])), // prettier-ignore
  ...Object.fromEntries([' a ', '\ta\r\n', '\u00a0a\u00a0', '\x0ba', 'a\nb', 'a\0b', '\u0100', 'é', '', null, 5].map((value) => [`the header value ${JSON.stringify(value)}`, (Class: typeof Response) => new Class(null, { headers: { 'X-Own': value as string } })])), // prettier-ignore
  ...Object.fromEntries(['', 'a b', 'a:b', 'é', 'Set-Cookie', 'a\n'].map((name) => [`the header name ${JSON.stringify(name)}`, (Class: typeof Response) => new Class(null, { headers: { [name]: 'x' } })])), // prettier-ignore
  'header names that differ by case': (Class) => new Class(null, { headers: { 'X-A': '1', 'x-a': '2' } }),
  'pairs of headers': (Class) => new Class('x', { headers: [['x-a', '1'], ['X-A', '2'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']] }), // prettier-ignore
  'headers of inherited names': (Class) => new Class(null, { headers: Object.create({ 'x-a': '1' }) as Record<string, string> }),
  'a content type of its own': (Class) => new Class('x', { headers: { 'Content-Type': 'text/own' } }),
  json: (Class) => Class.json({ a: 1 }, { status: 201, headers: { 'x-a': '1' } }),
  'json with a type': (Class) => Class.json([], { headers: { 'content-type': 'application/own' } }),
  'json of undefined': (Class) => Class.json(undefined),
  'json with 204': (Class) => Class.json(null, { status: 204 }),
  'json in a circle': (Class) => {
    const circle: unknown[] = [];
    circle.push(circle);
    return Class.json(circle);
  },
  'a redirect': (Class) => Class.redirect('http://x.example/ü?q', 307),
  'a redirect with no such status': (Class) => Class.redirect('http://x.example/', 200),
  'a redirect to no URL': (Class) => Class.redirect('http://'),
  error: (Class) => Class.error(),
  'a number as options': (Class) => new Class(null, 5 as unknown as ResponseInit),
  'null as options': (Class) => new Class(null, null as unknown as ResponseInit),
};

const RESPONSE_USES: Record<string, Use<Response>> = {
  properties: (response) => [response.status, response.statusText, response.ok, response.type, response.url, response.redirected, response.bodyUsed, response.body === null, [...response.headers], Object.prototype.toString.call(response)], // prettier-ignore
  ...Object.fromEntries(READS.map((how) => [`read by ${how}`, (response: Response) => read(response, how)])),
  'read twice': async (response) => [await response.text(), response.bodyUsed, await outcomeOf(response, (each) => each.text())],
  'a clone': async (response) => {
    const clone = response.clone();
    return [await clone.text(), await response.text(), clone.status, clone.statusText, [...clone.headers], clone.type];
  },
  'a clone after a read': async (response) => {
    await response.text();
    return response.clone().status;
  },
  'the stream': async (response) => response.body && new Response(response.body).text(),
  'headers that are set': (response) => {
    response.headers.set('x-late', '1');
    response.headers.delete('content-type');
    return [...response.headers];
  },
};

describe('the light Response does what Node’s own does', () => {
  describe.each(Object.keys(RESPONSES))('with %s', (name) => {
    it.each(Object.keys(RESPONSE_USES))('%s', async (how) => {
      const run = (Class: typeof Response) => outcomeOf(Class, (each) => RESPONSE_USES[how]!(RESPONSES[name]!(each)));
      expect(await run(LightResponse as unknown as typeof Response)).toEqual(await run(Response));
    });
  });
});
