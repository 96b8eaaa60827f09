import { framingSuite, type Differs } from './framing-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

/** Broken chunks reach the function as a body that fails, and the connection ends. */
const FAILS: Differs = { status: [500], closes: true };
/** The runtime is lenient, and reads the request as its client may have meant it. */
const READ: Differs = { status: [200], closes: false };
const READ_WITH_NEXT: Differs = { status: [200, 200], closes: false, second: true };
/** Refused all the same, and the connection is kept, as the request's end is known. */
const KEPT: Differs = { status: [400], closes: false };

framingSuite('workerd', openWorkerd, {
  // Transfer-Encoding counts, as RFC 9112, section 6.3 allows, and the connection ends.
  'lengths of a body: Content-Length, then Transfer-Encoding': { status: [200], closes: true },
  'lengths of a body: Transfer-Encoding, then Content-Length': { status: [200], closes: true },
  'lengths of a body: two lengths that are alike': READ_WITH_NEXT,
  // No function gets a GET with a body there.
  'lengths of a body: a GET with a body, and the next request behind it': { status: [502, 200], closes: false },
  'codings of a body: a coding of , chunked': READ_WITH_NEXT,
  'codings of a body: a coding besides chunked': READ_WITH_NEXT,
  'codings of a body: chunked twice': READ_WITH_NEXT,
  'codings of a body: blanks behind it, which Node doubts': READ_WITH_NEXT,
  'chunks: trailers that would change what came before': READ,
  'chunks: a size of "3 "': READ_WITH_NEXT,
  'chunks: a size of "3\\t"': READ_WITH_NEXT,
  ...Object.fromEntries(
    [
      ...['0x3', '+3', '-1', 'g', ' 3', '', '3\0', '3_'].map((size) => `a size of ${JSON.stringify(size)}`),
      'a size past 64 bits',
      'a chunk that is longer than its size',
      'a chunk that is shorter than its size',
      'a size that ends with LF alone',
      'a chunk that ends with LF alone',
      'a size that ends with CR alone',
      'an extension with LF alone',
      'an extension with CR alone',
      'an extension of 64 KiB',
      'trailers of 64 KiB',
    ].map((row) => [`chunks: ${row}`, FAILS]),
  ),
  'lines of a head: LF alone after the request line': READ,
  'lines of a head: LF alone after a header': READ,
  'lines of a head: LF alone at the end of the head': READ_WITH_NEXT,
  'lines of a head: a control character in a value': READ,
  'lines of a head: DEL in a value': READ,
  'request lines: RTSP/1.0, which Node reads as HTTP/1.0': { status: [400], closes: true },
  'request lines: two blanks before the version': { status: [400], closes: true },
  'request lines: an authority as target': { status: [404], closes: false },
  'request lines: TRACE': { status: [405], closes: false },
  'request lines: CONNECT': { status: [500], closes: true },
  'request lines: OPTIONS of the server as a whole': KEPT,
  'request lines: HTTP/1.0 without a Host': { status: [400], closes: true },
  'Host headers: none': KEPT,
  'Host headers: two': KEPT,
  'Host headers: two that differ': KEPT,
  'Host headers: two, one in another case': KEPT,
  'sizes: a target of 20,000 characters': READ,
  'sizes: a header of 200,000 bytes': READ,
  'sizes: 10,000 headers': READ,
  'sizes: 1,001 headers': READ,
});
