/** A request to the example API of `functions/api`, `functions/api-rust`, `functions/api-c` and `functions/components`, and what it is answered with. */
export interface ApiCase {
  readonly name: string;
  readonly request: {
    readonly method: 'GET' | 'POST' | 'PUT';
    /** Path and query, as they stand in the URL. */
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array<ArrayBuffer>;
  };
  readonly expect: {
    readonly status: number;
    /** By name; a list has the values of a header that occurs more than once, which is `set-cookie`. */
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
    /** The whole body. */
    readonly body?: string | Uint8Array<ArrayBuffer>;
    /** What the body's JSON contains: all members named here, and maybe others. */
    readonly json?: unknown;
  };
}

export interface ApiCaseOptions {
  /** What `GET /` greets from: `rust`, `go`, `python`, `c`, `javascript` or `typescript`. */
  readonly language: string;
  /** A server that answers `GET /teapot?a=1` with 418 and the text "short and stout"; without a slash at the end. */
  readonly origin: string;
  /** An HTTP URL that nobody answers. */
  readonly nobody: string;
}

const TEXT = { 'content-type': 'text/plain' };
const JSON_TYPE = { 'content-type': 'application/json' };
const NOT_FOUND = { status: 404, headers: JSON_TYPE, json: { error: 'not found' } };
const BAD_NUMBERS = ['not json', '', '[]', 'null', '{"a":1}', '{"a":1,"b":"2"}', '{"a":1,"b":2', '{"a":1,"b":2} x', '{"a":1,"b":01}'];

/** What every language's API answers. `/counter` is not among them: it has {@link counterCase}. */
export function apiCases({ language, origin, nobody }: ApiCaseOptions): ApiCase[] {
  return [
    get('greets', '/', { status: 200, headers: TEXT, body: `hello from ${language}` }),
    get('greets, whatever the query', '/?a=1', { status: 200, body: `hello from ${language}` }),
    get('a name in the path', '/hello/Ada', { status: 200, headers: JSON_TYPE, json: { hello: 'Ada' } }),
    get('a name in UTF-8', '/hello/J%C3%BCrgen%20%F0%9F%9A%80', { status: 200, json: { hello: 'Jürgen 🚀' } }),
    get('a name that JSON has to escape', '/hello/%22%5C%0A%01', { status: 200, json: { hello: '"\\\n\u0001' } }),
    ...sums(),
    ...BAD_NUMBERS.map((body) => bad(body)),
    get('a body in chunks', '/stream', { status: 200, headers: TEXT, body: 'line 1\nline 2\nline 3\nline 4\nline 5\n' }),
    ...echoes(),
    get('a call to another server', `/proxy?url=${encodeURIComponent(`${origin}/teapot?a=1`)}`, { status: 418, body: 'short and stout' }),
    get('a call that nobody answers', `/proxy?url=${encodeURIComponent(nobody)}`, { status: 502, headers: JSON_TYPE }),
    get('a call to what is no URL', '/proxy?url=nowhere', { status: 502, headers: JSON_TYPE }),
    get('a call to no URL', '/proxy', { status: 502, headers: JSON_TYPE }),
    {
      name: 'the headers of the request, as lists',
      request: { method: 'GET', path: '/headers', headers: { 'X-One': '1', 'x-quote': '"' } },
      expect: { status: 200, headers: JSON_TYPE, json: { 'x-one': ['1'], 'x-quote': ['"'] } },
    },
    get('each cookie in a header of its own', '/cookies', { status: 200, headers: { 'set-cookie': ['a=1', 'b=2'] }, body: '' }),
    get('a path that is not there', '/nothing', NOT_FOUND),
    get('a method that is not there', '/echo', NOT_FOUND),
    { name: 'a path that is there for another method', request: { method: 'PUT', path: '/json', body: '{}' }, expect: NOT_FOUND },
  ];
}

/** `GET /counter`, for the nth time on a store that was empty. */
export function counterCase(n: number): ApiCase {
  return get(`a counter at ${n}`, '/counter', { status: 200, headers: JSON_TYPE, json: { count: n } });
}

function get(name: string, path: string, expect: ApiCase['expect']): ApiCase {
  return { name, request: { method: 'GET', path }, expect };
}

function sums(): ApiCase[] {
  const sum = (body: string, sum: number): ApiCase => ({
    name: `the sum of ${body.trim()}`,
    request: { method: 'POST', path: '/json', headers: JSON_TYPE, body },
    expect: { status: 200, headers: JSON_TYPE, json: { sum } },
  });
  return [
    sum('{"a":1,"b":2}', 3),
    sum('{"a":0.1,"b":0.2}', 0.1 + 0.2),
    sum(' { "b" : -2.5e3 , "a" : 1 , "c": [{"a": "\\u00fc}"}, null, true] }\n', -2499),
  ];
}

function bad(body: string): ApiCase {
  return {
    name: `no sum of ${JSON.stringify(body)}`,
    request: { method: 'POST', path: '/json', headers: JSON_TYPE, body },
    expect: { status: 400, headers: JSON_TYPE },
  };
}

function echoes(): ApiCase[] {
  const echo = (name: string, body: string | Uint8Array<ArrayBuffer>, type: string): ApiCase => ({
    name,
    request: { method: 'POST', path: '/echo', headers: { 'content-type': type }, body },
    expect: { status: 200, headers: { 'content-type': type }, body },
  });
  return [
    echo('an echo', 'Grüße', 'text/plain; charset=utf-8'),
    echo('an echo of nothing', '', 'text/plain'),
    echo('an echo of 1 MiB of bytes', bytes(1 << 20), 'application/octet-stream'),
  ];
}

/** Every value of a byte, and never the same twice at the distance of a power of two. */
function bytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index + Math.floor(index / 251)) & 255);
}
