import type { IncomingMessage } from 'node:http';
import { BrinkError } from '../../errors.ts';
import { noMethod } from '../../gateway/methods.ts';

/** Characters of a request's target, as Cloudflare has it: https://developers.cloudflare.com/workers/platform/limits/ */
export const MAX_TARGET = 16 * 1024;
/** Bytes of a request's head, its target included. */
export const MAX_HEAD = 32 * 1024;
/** Node's parser drops those past 2,000 without a word. */
export const MAX_LINES = 1_000;

/** What Node's parser lets pass, and no standard or no function takes. Looks at each header line once. */
export function refuse(incoming: IncomingMessage): BrinkError | null {
  const { rawHeaders, method, httpVersionMajor, httpVersionMinor } = incoming;
  if (httpVersionMajor !== 1) return badVersion(incoming);
  if (rawHeaders.length > 2 * MAX_LINES) return tooMany();
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4) {
      if (name.toLowerCase() === 'host') hosts++;
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      const refused = refuseCoding(rawHeaders[index + 1]!, incoming);
      if (refused) return refused;
    }
  }
  // RFC 9112, section 3.2: more than one Host is a 400, and so is none, except from a client of HTTP/1.0.
  if (hosts !== 1 && (hosts > 1 || httpVersionMinor > 0)) return badRequest(`It has ${hosts} Host headers; there must be one`);
  return refuseTarget(method!, incoming.url!);
}

/** The same for HTTP/2, whose parser has looked at all else; what it says of a head's size binds no client. */
export function refuseHttp2({ rawHeaders, method, url }: Pick<IncomingMessage, 'rawHeaders' | 'method' | 'url'>): BrinkError | null {
  let authority: string | undefined;
  let host: string | undefined;
  let size = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    size += name.length + rawHeaders[index + 1]!.length;
    if (name === ':authority') authority = rawHeaders[index + 1]!;
    else if (name === 'host') {
      if (host !== undefined) return badRequest('It has 2 Host headers; there must be one');
      host = rawHeaders[index + 1]!;
    }
  }
  const refused = refuseTarget(method!, url!);
  if (refused) return refused;
  if (size > MAX_HEAD) return headTooLarge();
  // RFC 9113, section 8.3.1.
  if ((authority ?? host) === undefined) return badRequest('It says neither :authority nor Host');
  if (authority !== undefined && host !== undefined && authority !== host) return badRequest('Its Host is not its :authority');
  return null;
}

export function headTooLarge(): BrinkError {
  return new BrinkError('headers-too-large', `The request's headers are more than ${MAX_HEAD} bytes. Send fewer, or shorter ones.`, {
    details: { limit: MAX_HEAD },
  });
}

export function targetTooLong(): BrinkError {
  return new BrinkError('uri-too-long', `The request's target is longer than ${MAX_TARGET} characters. Send what is long in the body.`, {
    details: { limit: MAX_TARGET },
  });
}

function tooMany(): BrinkError {
  return new BrinkError('headers-too-large', `The request has more than ${MAX_LINES} header lines. Send fewer.`, {
    details: { limit: MAX_LINES },
  });
}

function refuseTarget(method: string, url: string): BrinkError | null {
  if (url.length > MAX_TARGET) return targetTooLong();
  if (method === 'TRACE') return noMethod('TRACE would show a client the headers that others added.');
  return null;
}

/** RFC 9112, sections 6.1 and 6.3: `chunked` alone is understood, and no client of HTTP/1.0 can mean it. */
function refuseCoding(value: string, { httpVersionMinor }: IncomingMessage): BrinkError | null {
  if (httpVersionMinor === 0) return badRequest('A request of HTTP/1.0 has no Transfer-Encoding');
  if (value.trim().toLowerCase() === 'chunked') return null;
  return new BrinkError('unsupported', `The transfer coding ${JSON.stringify(value)} is not understood here; \`chunked\` is.`);
}

function badVersion({ httpVersion }: IncomingMessage): BrinkError {
  return new BrinkError(
    'http-version-unsupported',
    `HTTP/${httpVersion} is not spoken here in this form. HTTP/1.1, HTTP/1.0 and HTTP/2 are.`,
  );
}

export function badRequest(why: string): BrinkError {
  return new BrinkError('bad-request', `The request cannot be taken: ${why}.`);
}
