import type { Buffer } from 'node:buffer';
import { parse } from 'node:querystring';
import { Readable } from 'node:stream';
import type { Call } from '../settings.ts';
import type { ParsedBody } from './body.ts';

/** What Express gives of a request, over one of the web. https://expressjs.com/en/5x/api.html#req */
export class ExpressRequest extends Readable {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly originalUrl: string;
  readonly baseUrl = '';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly query: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly protocol: string;
  readonly secure: boolean;
  readonly ip: string;
  readonly ips: readonly string[] = [];
  readonly httpVersion = '1.1';
  readonly socket: { readonly remoteAddress: string; readonly encrypted: boolean };
  readonly xhr: boolean;
  readonly rawBody: Buffer | undefined;
  readonly signal: AbortSignal;
  body: unknown;

  constructor(request: Request, { brink, body, rawBody }: Pick<Call, 'brink'> & ParsedBody) {
    super({ read: () => {} });
    const url = new URL(request.url);
    this.method = request.method;
    this.url = url.pathname + url.search;
    const full = new URL(brink.url, url);
    this.originalUrl = full.pathname + full.search;
    this.path = url.pathname;
    this.headers = Object.fromEntries(request.headers);
    this.rawHeaders = [...request.headers].flat();
    this.query = { ...parse(url.search.slice(1)) };
    this.params = { 0: url.pathname.slice(1) };
    this.hostname = url.hostname;
    this.protocol = url.protocol.slice(0, -1);
    this.secure = this.protocol === 'https';
    this.ip = brink.clientAddress ?? '';
    this.socket = { remoteAddress: this.ip, encrypted: this.secure };
    this.xhr = request.headers.get('x-requested-with')?.toLowerCase() === 'xmlhttprequest';
    this.body = body;
    this.rawBody = rawBody;
    this.signal = request.signal;
    // The body has been read; who reads the request as a stream all the same gets it.
    if (rawBody !== undefined) this.push(rawBody);
    this.push(null);
  }

  get(name: string): string | undefined {
    const lower = String(name).toLowerCase();
    return this.headers[lower === 'referrer' ? 'referer' : lower] ?? (lower === 'referrer' ? this.headers['referrer'] : undefined);
  }

  header(name: string): string | undefined {
    return this.get(name);
  }

  /** The type of the list that the body is of: `json`, `text/*`, `application/json`; else false. */
  is(...types: readonly (string | readonly string[])[]): string | false {
    const own = this.headers['content-type']?.split(';')[0]!.trim().toLowerCase();
    if (own === undefined || this.rawBody === undefined) return false;
    return types.flat().find((type) => matches(own, type)) ?? false;
  }

  /** The type of the list that the client likes best, in its order of preference; else false. */
  accepts(...types: readonly (string | readonly string[])[]): string | false {
    const offered = types.flat();
    const ranges = (this.headers['accept'] ?? '*/*')
      .split(',')
      .map((range) => {
        const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
        const quality = parameters.find((parameter) => parameter.startsWith('q='));
        return { name, q: quality === undefined ? 1 : Number(quality.slice(2)) };
      })
      .filter(({ q }) => q > 0)
      .toSorted((a, b) => b.q - a.q);
    for (const { name } of ranges) {
      const found = offered.find((type) => matches(mimeOf(type), name) || matches(name, type));
      if (found !== undefined) return found;
    }
    return false;
  }
}

const MIMES: Readonly<Record<string, string>> = {
  json: 'application/json',
  html: 'text/html',
  text: 'text/plain',
  txt: 'text/plain',
  xml: 'application/xml',
  css: 'text/css',
  js: 'text/javascript',
  csv: 'text/csv',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  bin: 'application/octet-stream',
  urlencoded: 'application/x-www-form-urlencoded',
  multipart: 'multipart/*',
};

/** A type by its short name, such as `json` or `.html`. */
export function mimeOf(type: string): string {
  return type.includes('/') ? type.toLowerCase() : (MIMES[type.replace(/^\./, '').toLowerCase()] ?? type);
}

function matches(type: string, pattern: string): boolean {
  const wanted = mimeOf(pattern);
  if (wanted === '*/*' || wanted === type) return true;
  return wanted.endsWith('/*') && type.startsWith(wanted.slice(0, -1));
}
