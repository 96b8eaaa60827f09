/** Of the Fetch, Streams, DOM, URL and Encoding standards, as far as a cell has them. */
export const FOLDERS = [
  'fetch/api/abort',
  'fetch/api/body',
  'fetch/api/headers',
  'fetch/api/request',
  'fetch/api/response',
  'streams',
  'dom/abort',
  'url',
];

/** Parts of the names of files that ask a server of the suite, or are about pages. */
export const NEEDS_A_SERVER = [
  'request-cache-',
  'request-keepalive',
  'request-bad-port',
  'abort/cache.',
  'idlharness',
  '/destination/',
  'transferable/',
];

/** What a cell is meant to do in another way than Node. */
export const DIFFERS: ReadonlySet<string> = new Set([
  // In Workers a stream as a body needs no `duplex`.
  'fetch/api/request/request-init-stream.any.js: It is error to omit .duplex when the body is a ReadableStream.',
]);
