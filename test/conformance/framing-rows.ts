/** Bytes of a client, and what is to become of them. `{host}` is the host's own address, `{fn}` a function's name. */
export interface Row {
  readonly name: string;
  readonly bytes: string;
  /** Of the answers, in their order; several numbers in one place: any of these. */
  readonly status: readonly (number | readonly number[])[];
  /** Whether the connection ends then. */
  readonly closes: boolean;
  /** Which body the function read, where it is asked. */
  readonly body?: string;
}

/** A request that must never be seen. */
const SMUGGLED = 'GET /{fn}/smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n';

const post = (headers: string, rest: string) => `POST /{fn}/echo HTTP/1.1\r\nHost: {host}\r\n${headers}\r\n${rest}`;
const get = (headers: string, line = 'GET /{fn}/ HTTP/1.1') => `${line}\r\n${headers}\r\n`;
const H = 'Host: {host}\r\n';

const refused = (name: string, bytes: string, status: Row['status'][number] = 400): Row => ({
  name,
  bytes,
  status: [status],
  closes: true,
});

/** Both lengths, several, and those that are none. RFC 9112, section 6.3. */
const LENGTHS: readonly Row[] = [
  refused('Content-Length, then Transfer-Encoding', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`)),
  refused('Transfer-Encoding, then Content-Length', post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${SMUGGLED}`)),
  refused('two lengths that differ', post('Content-Length: 0\r\nContent-Length: 44\r\n', SMUGGLED)),
  refused('two lengths that are alike', post('Content-Length: 3\r\nContent-Length: 3\r\n', `abc${SMUGGLED}`)),
  refused('a list of lengths', post('Content-Length: 3, 3\r\n', `abc${SMUGGLED}`)),
  refused('a list of lengths that differ', post('Content-Length: 3, 4\r\n', `abc${SMUGGLED}`)),
  ...['+3', '-3', '0x3', '3.0', '3e0', 'three', '٣', '3 3', '"3"', '3;', '_3'].map((length) =>
    refused(`a length of ${length}`, post(`Content-Length: ${length}\r\n`, `abc${SMUGGLED}`)),
  ),
  refused('an empty length', post('Content-Length:\r\n', SMUGGLED)),
  refused('a length past 64 bits', post(`Content-Length: 1${'0'.repeat(20)}\r\n`, `abc${SMUGGLED}`)),
  refused('a length of 2^64 + 3', post('Content-Length: 18446744073709551619\r\n', `abc${SMUGGLED}`)),
  { name: 'a length with zeros in front', bytes: post('Content-Length: 0003\r\n', 'abc'), status: [200], closes: false, body: 'abc' },
  {
    name: 'a length, and the next request behind it',
    bytes: post('Content-Length: 3\r\n', `abc${get(H)}`),
    status: [200, 200],
    closes: false,
  },
  {
    name: 'a GET with a body, and the next request behind it',
    bytes: get(`${H}Content-Length: 3\r\n`) + `abc${get(H)}`,
    status: [200, 200],
    closes: false,
  },
];

/** `Transfer-Encoding` in all its disguises. RFC 9112, section 6.1. */
const CODINGS: readonly Row[] = [
  ...[
    'xchunked',
    'chunked, identity',
    'chunked, gzip',
    'gzip',
    'identity',
    'chunked;a=b',
    '"chunked"',
    'chunkedx',
    ', chunked',
    'chunked,',
    'chunk\u00e9d',
  ].map((coding) => refused(`a coding of ${coding}`, post(`Transfer-Encoding: ${coding}\r\n`, `0\r\n\r\n${SMUGGLED}`), [400, 501])),
  refused('a coding besides chunked', post('Transfer-Encoding: gzip, chunked\r\n', `0\r\n\r\n${SMUGGLED}`), [400, 501]),
  refused('chunked twice', post('Transfer-Encoding: chunked, chunked\r\n', `0\r\n\r\n${SMUGGLED}`), [400, 501]),
  refused('two lines of coding', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', `0\r\n\r\n${SMUGGLED}`), [400, 501]),
  refused('an empty coding', post('Transfer-Encoding:\r\n', `0\r\n\r\n${SMUGGLED}`), [400, 501]),
  refused('a blank before the colon', post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${SMUGGLED}`)),
  refused('a tab before the colon', post('Transfer-Encoding\t: chunked\r\n', `0\r\n\r\n${SMUGGLED}`)),
  refused('a blank before the name', post('X: y\r\n Transfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`)),
  refused('a vertical tab before the value', post('Transfer-Encoding: \x0bchunked\r\n', `0\r\n\r\n${SMUGGLED}`), [400, 501]),
  refused('a NUL behind the value', post('Transfer-Encoding: chunked\0\r\n', `0\r\n\r\n${SMUGGLED}`), [400, 501]),
  refused('a line break within it', post('Transfer-Encoding:\n chunked\r\n', `0\r\n\r\n${SMUGGLED}`)),
  refused('a folded value', post('Transfer-Encoding:\r\n chunked\r\n', `0\r\n\r\n${SMUGGLED}`), [400, 501]),
  refused('chunks by a client of HTTP/1.0', `POST /{fn}/echo HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`),
  {
    name: 'CHUNKED in capitals',
    bytes: post('Transfer-Encoding: CHUNKED\r\n', '3\r\nabc\r\n0\r\n\r\n'),
    status: [200],
    closes: false,
    body: 'abc',
  },
  {
    name: 'blanks before it',
    bytes: post('Transfer-Encoding: \t chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'),
    status: [200],
    closes: false,
    body: 'abc',
  },
  refused('blanks behind it, which Node doubts', post('Transfer-Encoding: chunked \t\r\n', `3\r\nabc\r\n0\r\n\r\n${SMUGGLED}`)),
];

const chunked = (rest: string) => post('Transfer-Encoding: chunked\r\n', rest);

/** Sizes and extensions of chunks, and what is between them. RFC 9112, section 7.1. */
const CHUNKS: readonly Row[] = [
  { name: 'chunks', bytes: chunked('3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'), status: [200], closes: false, body: 'abcde' },
  {
    name: 'a size in hexadecimal, either case',
    bytes: chunked(`a\r\n${'x'.repeat(10)}\r\nA\r\n${'y'.repeat(10)}\r\n0\r\n\r\n`),
    status: [200],
    closes: false,
  },
  { name: 'a size with zeros in front', bytes: chunked('0003\r\nabc\r\n000\r\n\r\n'), status: [200], closes: false, body: 'abc' },
  { name: 'an extension', bytes: chunked('3;name=value\r\nabc\r\n0\r\n\r\n'), status: [200], closes: false, body: 'abc' },
  { name: 'trailers', bytes: chunked('3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n'), status: [200], closes: false, body: 'abc' },
  refused('trailers that would change what came before', chunked('3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n')),
  ...['0x3', '+3', '-1', 'g', '3 ', ' 3', '3\t', '', '3\0', '3_'].map((size) =>
    refused(`a size of ${JSON.stringify(size)}`, chunked(`${size}\r\nabc\r\n0\r\n\r\n${SMUGGLED}`)),
  ),
  refused('a size past 64 bits', chunked(`1${'0'.repeat(16)}3\r\nabc\r\n0\r\n\r\n${SMUGGLED}`)),
  // So much may come: all that follows is of this body.
  { name: 'a size of 2^64 - 1', bytes: chunked(`ffffffffffffffff\r\nabc\r\n0\r\n\r\n${SMUGGLED}`), status: [], closes: false },
  refused('a chunk that is longer than its size', chunked(`3\r\nabcde\r\n0\r\n\r\n${SMUGGLED}`)),
  refused('a chunk that is shorter than its size', chunked(`5\r\nabc\r\n0\r\n\r\n${SMUGGLED}`)),
  refused('a size that ends with LF alone', chunked(`3\nabc\r\n0\r\n\r\n${SMUGGLED}`)),
  refused('a chunk that ends with LF alone', chunked(`3\r\nabc\n0\r\n\r\n${SMUGGLED}`)),
  refused('a size that ends with CR alone', chunked(`3\rabc\r\n0\r\n\r\n${SMUGGLED}`)),
  refused('an extension with LF alone', chunked(`3;a\nb\r\nabc\r\n0\r\n\r\n${SMUGGLED}`)),
  refused('an extension with CR alone', chunked(`3;a\rb\r\nabc\r\n0\r\n\r\n${SMUGGLED}`)),
  refused('an extension of 64 KiB', chunked(`3;${'a'.repeat(65_536)}\r\nabc\r\n0\r\n\r\n${SMUGGLED}`), [400, 413]),
  refused('trailers of 64 KiB', chunked(`3\r\nabc\r\n0\r\nX: ${'a'.repeat(65_536)}\r\n\r\n${SMUGGLED}`), [400, 431]),
];

/** How lines end, and what they hold. RFC 9112, sections 2.2, 3 and 5. */
const LINES: readonly Row[] = [
  refused('LF alone after the request line', `GET /{fn}/ HTTP/1.1\n${H}\r\n`, [400, 505]),
  refused('LF alone after a header', `GET /{fn}/ HTTP/1.1\r\nHost: {host}\nX: y\r\n\r\n`),
  refused('LF alone at the end of the head', `GET /{fn}/ HTTP/1.1\r\n${H}\n${SMUGGLED}`),
  refused('CR alone within a value', get(`${H}X: a\rb\r\n`)),
  refused('CR alone before a header', get(`${H}X: a\rTransfer-Encoding: chunked\r\n`)),
  refused('NUL in a value', get(`${H}X: a\0b\r\n`)),
  refused('NUL in a name', get(`${H}X\0: b\r\n`)),
  refused('NUL in the target', get(H, 'GET /{fn}/\0 HTTP/1.1')),
  refused('a control character in a value', get(`${H}X: a\x01b\r\n`)),
  refused('DEL in a value', get(`${H}X: a\x7fb\r\n`)),
  refused('a folded header', get(`${H}X: a\r\n b\r\n`)),
  refused('a header folded by a tab', get(`${H}X: a\r\n\tb\r\n`)),
  refused('a first header that is folded', `GET /{fn}/ HTTP/1.1\r\n X: a\r\n${H}\r\n`),
  refused('a blank before the colon', get('Host : {host}\r\n')),
  refused('a header without a colon', get(`${H}X\r\n`)),
  refused('a header without a name', get(`${H}: x\r\n`)),
  ...['(', '[', '"', '{', '@', '\\', '/', '=', '\u00e9'].map((mark) => refused(`${mark} in a header's name`, get(`${H}X${mark}Y: x\r\n`))),
  { name: 'empty lines before a request', bytes: `\r\n\r\n${get(H)}`, status: [200], closes: false },
  { name: 'a value of bytes past ASCII', bytes: get(`${H}X: \xe9\xff\r\n`), status: [200], closes: false },
  { name: 'an empty value', bytes: get(`${H}X:\r\n`), status: [200], closes: false },
  refused('a byte order mark before a request', `\xef\xbb\xbf${get(H)}`),
  refused('a blank before a request', ` ${get(H)}`),
  refused('bytes that are no text', '\x00\x01\x02\x03\xff\xfe\r\n\r\n'),
  refused('a TLS ClientHello', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n'),
  refused('half of the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n', [400, 505]),
];

/** Method, target and version. RFC 9112, section 3. */
const REQUEST_LINES: readonly Row[] = [
  refused('no version', get(H, 'GET /{fn}/'), [400, 505]),
  refused('HTTP/0.9', get(H, 'GET /{fn}/ HTTP/0.9'), [400, 505]),
  refused('HTTP/1.2', get(H, 'GET /{fn}/ HTTP/1.2'), [400, 505]),
  refused('HTTP/2.0 in the form of 1.1', get(H, 'GET /{fn}/ HTTP/2.0'), [400, 505]),
  ...[
    'http/1.1',
    'HTTP/1',
    'HTTP/1.',
    'HTTP/1.1.1',
    'HTTP/11',
    'HTTPS/1.1',
    'HTTP /1.1',
    'HTTP/1 .1',
    'HTTP/+1.1',
    'ICE/1.0',
    'ICY/1.1',
  ].map((version) => refused(`a version of ${version}`, get(H, `GET /{fn}/ ${version}`), [400, 505])),
  { name: 'RTSP/1.0, which Node reads as HTTP/1.0', bytes: get(H, 'GET /{fn}/ RTSP/1.0'), status: [200], closes: true },
  { name: 'two blanks before the version', bytes: get(H, 'GET /{fn}/  HTTP/1.1'), status: [200], closes: false },
  refused('a tab before the target', get(H, 'GET\t/{fn}/ HTTP/1.1')),
  refused('a blank in the target', get(H, 'GET /{fn}/ x HTTP/1.1'), [400, 505]),
  refused('no target', get(H, 'GET HTTP/1.1')),
  refused('a relative target', get(H, 'GET {fn}/ HTTP/1.1')),
  refused('an authority as target', get(H, 'GET {host} HTTP/1.1')),
  { name: 'an asterisk as target of GET', bytes: get(H, 'GET * HTTP/1.1'), status: [400], closes: false },
  refused('a method in lower case', get(H, 'get /{fn}/ HTTP/1.1'), [400, 501]),
  refused('a method that is not known', get(H, 'BREW /{fn}/ HTTP/1.1'), [400, 501]),
  refused('a method of 10,000 letters', get(H, `${'A'.repeat(10_000)} /{fn}/ HTTP/1.1`), [400, 501]),
  refused('a method that is none', get(H, 'G(T /{fn}/ HTTP/1.1'), [400, 501]),
  refused('TRACE', get(H, 'TRACE /{fn}/ HTTP/1.1'), 405),
  refused('CONNECT', get(H, 'CONNECT {host} HTTP/1.1'), 405),
  { name: 'OPTIONS of the server as a whole', bytes: get(H, 'OPTIONS * HTTP/1.1'), status: [204], closes: false },
  { name: 'a target in absolute form', bytes: get(H, 'GET http://{host}/{fn}/ HTTP/1.1'), status: [200], closes: false },
  {
    name: 'an absolute target whose host is not that of Host',
    bytes: get('Host: other.example\r\n', 'GET http://{host}/{fn}/ HTTP/1.1'),
    status: [200],
    closes: false,
  },
  { name: 'HTTP/1.0', bytes: get(H, 'GET /{fn}/ HTTP/1.0'), status: [200], closes: true },
  { name: 'HTTP/1.0 without a Host', bytes: get('', 'GET /{fn}/ HTTP/1.0'), status: [200], closes: true },
  {
    name: 'HTTP/1.0 that keeps the connection',
    bytes: get(`${H}Connection: keep-alive\r\n`, 'GET /{fn}/ HTTP/1.0'),
    status: [200],
    closes: false,
  },
  { name: 'a fragment, which is cut off', bytes: get(H, 'GET /{fn}/#part HTTP/1.1'), status: [200], closes: false },
  { name: 'Connection: close', bytes: get(`${H}Connection: close\r\n`) + SMUGGLED, status: [200], closes: true },
];

/** `Host`. RFC 9112, section 3.2. */
const HOSTS: readonly Row[] = [
  refused('none', get('')),
  refused('two', get(`${H}${H}`)),
  refused('two that differ', get(`${H}Host: other\r\n`)),
  refused('two, one in another case', get(`${H}hOST: other\r\n`)),
  ...[
    '',
    ' ',
    '###',
    'a b',
    'a/b',
    'a?b',
    'a#b',
    'user@{host}',
    'user:pw@{host}',
    'a:b',
    'a:99999',
    'a:-1',
    '[::1',
    '::1',
    '[::g]',
    'a%zz',
    'a\\b',
    'http://{host}',
  ].map((host) => ({
    ...refused(`of ${JSON.stringify(host)}`, get(`Host: ${host}\r\n`)),
    closes: false,
  })),
];

/** Too much of something. */
const SIZES: readonly Row[] = [
  refused('a target of 20,000 characters', get(H, `GET /{fn}/${'a'.repeat(20_000)} HTTP/1.1`), 414),
  refused('a target of 200,000 characters', get(H, `GET /{fn}/${'a'.repeat(200_000)} HTTP/1.1`), [414, 431]),
  refused('a header of 200,000 bytes', get(`${H}X: ${'a'.repeat(200_000)}\r\n`), 431),
  refused('a name of 200,000 bytes', get(`${H}${'a'.repeat(200_000)}: x\r\n`), 431),
  refused('10,000 headers', get(H + 'a: b\r\n'.repeat(10_000)), 431),
  refused('1,001 headers', get(`${'a: b\r\n'.repeat(1_000)}${H}`), 431),
  { name: '1,000 headers', bytes: get(`${'a: b\r\n'.repeat(999)}${H}`), status: [200], closes: false },
  { name: 'a target of 16,000 characters', bytes: get(H, `GET /{fn}/${'a'.repeat(16_000)} HTTP/1.1`), status: [200], closes: false },
];

export const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  'lengths of a body': LENGTHS,
  'codings of a body': CODINGS,
  chunks: CHUNKS,
  'lines of a head': LINES,
  'request lines': REQUEST_LINES,
  'Host headers': HOSTS,
  sizes: SIZES,
};
