import { expect, it } from 'vitest';
import { decodedHeaders } from '../../../host/component/wasi/http/decoded.ts';
import { describe as described, errorCodeOf, HttpError } from '../../../host/component/wasi/http/error-code.ts';
import { BrinkError } from '../../../host/errors.ts';

const withCode = (code: string, cause?: unknown) => Object.assign(new Error('x', { cause }), { code });
const tagOf = (error: unknown) => errorCodeOf(error).tag;

it.each([
  ['ECONNREFUSED', 'connection-refused'],
  ['ECONNRESET', 'connection-terminated'],
  ['UND_ERR_SOCKET', 'connection-terminated'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connection-timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'HTTP-response-timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'connection-read-timeout'],
  ['EHOSTUNREACH', 'destination-unavailable'],
  ['ENETUNREACH', 'destination-IP-unroutable'],
  ['EAI_AGAIN', 'DNS-timeout'],
  ['EPROTO', 'TLS-protocol-error'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS-protocol-error'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS-certificate-error'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS-certificate-error'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS-certificate-error'],
  ['CERT_HAS_EXPIRED', 'TLS-certificate-error'],
  ['HPE_INVALID_CONSTANT', 'HTTP-protocol-error'],
  ['HPE_HEADER_OVERFLOW', 'HTTP-response-header-section-size'],
])('%s is %s, also below what fetch makes of it', (code, tag) => {
  expect(tagOf(withCode(code))).toBe(tag);
  expect(tagOf(new TypeError('fetch failed', { cause: withCode(code) }))).toBe(tag);
});

it('a name that is not found is a DNS error with its code', () => {
  expect(errorCodeOf(withCode('ENOTFOUND'))).toEqual({ tag: 'DNS-error', val: { rcode: 'NXDOMAIN', 'info-code': undefined } });
});

it('what the egress rules refuse is denied, on every platform', () => {
  expect(tagOf(new BrinkError('forbidden', 'No.'))).toBe('HTTP-request-denied');
  const text = 'is not allowed: capabilities.outbound of this function names no host.';
  expect(tagOf(new TypeError('fetch failed', { cause: new Error(`A connection to a.b ${text}`) }))).toBe('HTTP-request-denied');
  expect(tagOf(new TypeError('fetch failed', { cause: new Error('bad port') }))).toBe('HTTP-request-denied');
  expect(tagOf(new TypeError(`fetch to a.b ${text}`))).toBe('HTTP-request-denied');
});

it('errors without codes are known by their name or their message', () => {
  expect(tagOf(new DOMException('x', 'TimeoutError'))).toBe('connection-timeout');
  expect(tagOf(new DOMException('x', 'AbortError'))).toBe('connection-terminated');
  expect(tagOf(new Error('Network connection lost.'))).toBe('connection-terminated');
  expect(tagOf(new Error('connect(): Connection refused'))).toBe('connection-refused');
});

it('an error of wasi:http keeps its code', () => {
  const code = { tag: 'HTTP-response-body-size', val: 5n };
  const error = new HttpError(code);
  expect(errorCodeOf(new TypeError('terminated', { cause: error }))).toBe(code);
  expect(error.message).toBe('HTTP-response-body-size (5)');
  expect(described({ tag: 'loop-detected' })).toBe('loop-detected');
});

it('another error is internal, with its message', () => {
  expect(errorCodeOf(new Error('odd'))).toEqual({ tag: 'internal-error', val: 'odd' });
  expect(errorCodeOf(new TypeError('fetch failed', { cause: new Error('odd') }))).toEqual({ tag: 'internal-error', val: 'odd' });
  expect(errorCodeOf('odd')).toEqual({ tag: 'internal-error', val: 'odd' });
  const circular = new Error('round');
  circular.cause = circular;
  expect(errorCodeOf(circular)).toEqual({ tag: 'internal-error', val: 'round' });
});

it('a response that fetch has decoded does not speak of the encoding any more', () => {
  const lines = { 'content-encoding': 'gzip', 'content-length': '5', etag: '"a"' };
  expect([...decodedHeaders(new Response('x', { headers: lines }))].map(([name]) => name)).toEqual(['content-type', 'etag']);
  const untouched = [
    new Response(null, { headers: lines }),
    new Response('x', { headers: { ...lines, 'content-encoding': 'aws-chunked' } }),
  ];
  for (const response of untouched) expect(decodedHeaders(response)).toBe(response.headers);
});
