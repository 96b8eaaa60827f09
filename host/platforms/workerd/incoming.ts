import { BrinkError } from '../../errors.ts';
import { noMethod } from '../../gateway/methods.ts';
import { problemResponse } from '../../gateway/problem.ts';

/** host[:port] as RFC 9110, section 7.2 has it, IPv6 in brackets. workerd sets what the client sent between `http://` and the path. */
const HOST = /^(?:[\w.~!$&'()*+,;=-]+|\[[0-9a-f:.]+\])(?::\d{0,5})?$/i;
/** A URL that is its own normal form, for sure: most are, and parsing costs more than this. */
const NORMAL =
  /^https?:\/\/(?:(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}|(?:[a-z\d-]+\.)*[a-z][a-z\d-]*)(?::(?!80\/|443\/)[1-9]\d{0,3}|:[1-5]\d{4})?\/[\w/.~!$&()*+,;=:@?%-]*$/;
const DOTS = /\/\.|%2e/i;

/**
 * The request at its URL's normal form, which `request.url` is in every other runtime; workerd leaves host and path as
 * they came. A Host that is none is answered with 400.
 */
export function incoming(request: Request): Request | Response {
  const { url } = request;
  const host = request.headers.get('host');
  if (host !== null && !HOST.test(host)) return refused();
  if (request.method === 'TRACE') return problemResponse(noMethod('TRACE would show a client the headers that others added.'));
  if (NORMAL.test(url) && !DOTS.test(url)) return request;
  if (!URL.canParse(url)) return refused();
  const normal = new URL(url);
  normal.hash = '';
  return normal.href === url ? request : new Request(normal, request);
}

function refused(): Response {
  return problemResponse(new BrinkError('bad-request', 'The request cannot be taken: its Host header names no host.'));
}
