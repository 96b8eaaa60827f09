import { Buffer } from 'node:buffer';
import { STATUS_TEXTS } from './status-texts.ts';
import { BodyStream, type Head } from '../body-stream.ts';
import { cookieOf, type CookieOptions } from '../cookie.ts';
import { mimeOf, type ExpressRequest } from './request.ts';

type Values = string | number | readonly string[];

/** What Express gives of a response, over one of the web. https://expressjs.com/en/5x/api.html#res */
export class ExpressResponse extends BodyStream {
  readonly req: ExpressRequest;
  readonly locals: Record<string, unknown> = {};
  statusCode = 200;
  statusMessage = '';
  readonly #headers = new Map<string, Values>();

  constructor(req: ExpressRequest) {
    super();
    this.req = req;
  }

  // Node's names

  setHeader(name: string, value: Values): this {
    if (this.headersSent) throw sent('set');
    this.#headers.set(name.toLowerCase(), value);
    return this;
  }

  getHeader(name: string): Values | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  getHeaders(): Record<string, Values> {
    return Object.fromEntries(this.#headers);
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  removeHeader(name: string): void {
    if (this.headersSent) throw sent('remove');
    this.#headers.delete(name.toLowerCase());
  }

  appendHeader(name: string, value: Values): this {
    return this.append(name, value);
  }

  writeHead(status: number, ...rest: readonly unknown[]): this {
    if (this.headersSent) throw sent('write');
    this.statusCode = status;
    if (typeof rest[0] === 'string') this.statusMessage = rest[0];
    const headers = rest.find((each) => each !== null && typeof each === 'object');
    for (const [name, value] of Object.entries(headers ?? {})) this.setHeader(name, value as Values);
    return this;
  }

  // Express's

  status(code: number): this {
    if (!Number.isInteger(code) || code < 200 || code > 599)
      throw new RangeError(`${String(code)} is no status that a function can answer with.`);
    this.statusCode = code;
    return this;
  }

  sendStatus(code: number): this {
    return this.status(code)
      .type('txt')
      .send(STATUS_TEXTS[code] ?? String(code));
  }

  set(name: string | Readonly<Record<string, unknown>>, value?: unknown): this {
    if (typeof name !== 'string') {
      for (const [each, inner] of Object.entries(name)) this.set(each, inner);
      return this;
    }
    const text = Array.isArray(value) ? value.map(String) : String(value);
    if (name.toLowerCase() === 'content-type' && typeof text === 'string') return this.setHeader(name, withCharset(mimeOf(text)));
    return this.setHeader(name, text);
  }

  header(name: string | Readonly<Record<string, unknown>>, value?: unknown): this {
    return this.set(name, value);
  }

  get(name: string): Values | undefined {
    return this.getHeader(name);
  }

  append(name: string, value: Values): this {
    const before = this.getHeader(name);
    const values = [before ?? [], value].flat().map(String);
    return this.setHeader(name, before === undefined && !Array.isArray(value) ? String(value) : values);
  }

  type(type: string): this {
    return this.set('content-type', mimeOf(type));
  }

  contentType(type: string): this {
    return this.type(type);
  }

  vary(field: string): this {
    return this.append('vary', field);
  }

  location(url: string): this {
    return this.set('location', url === 'back' ? (this.req.get('referrer') ?? '/') : encodeURI(decodeSafely(url)));
  }

  redirect(first: number | string, second?: string): this {
    const [status, url] = typeof first === 'number' ? [first, second ?? '/'] : [302, first];
    this.status(status).location(url);
    return this.type('txt').send(`${STATUS_TEXTS[status] ?? status}. Redirecting to ${String(this.getHeader('location'))}`);
  }

  cookie(name: string, value: unknown, options: CookieOptions = {}): this {
    const text =
      typeof value === 'string' ? value : typeof value === 'object' ? `j:${JSON.stringify(value)}` : (JSON.stringify(value) ?? '');
    return this.append('set-cookie', cookieOf(name, { path: '/', ...options, value: text }));
  }

  clearCookie(name: string, options: CookieOptions = {}): this {
    return this.cookie(name, '', { ...options, expires: new Date(1) });
  }

  attachment(filename?: string): this {
    return this.set(
      'content-disposition',
      filename === undefined ? 'attachment' : `attachment; filename="${filename.replace(/["\\\r\n]/g, '_')}"`,
    );
  }

  json(value?: unknown): this {
    if (!this.hasHeader('content-type')) this.type('json');
    return this.#send(Buffer.from(JSON.stringify(value) ?? ''));
  }

  send(value?: unknown): this {
    if (ArrayBuffer.isView(value)) {
      if (!this.hasHeader('content-type')) this.type('bin');
      return this.#send(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    }
    if (value === undefined || value === null) return this.#send(Buffer.alloc(0));
    if (typeof value !== 'string') return this.json(value);
    if (!this.hasHeader('content-type')) this.type('html');
    return this.#send(Buffer.from(value));
  }

  protected override head(): Head {
    const headers = new Headers();
    for (const [name, value] of this.#headers) for (const each of [value].flat()) headers.append(name, String(each));
    return { status: this.statusCode, statusText: this.statusMessage, headers };
  }

  #send(bytes: Buffer): this {
    if (this.headersSent || this.writableEnded) throw sent('send');
    return this.end(this.req.method === 'HEAD' ? undefined : bytes);
  }
}

function withCharset(type: string): string {
  return /^text\/|^application\/(?:json|javascript)/.test(type) && !type.includes('charset') ? `${type}; charset=utf-8` : type;
}

/** What is coded already stays so. */
function decodeSafely(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
}

function sent(what: string): Error {
  return Object.assign(new Error(`Cannot ${what} headers after they are sent to the client`), { code: 'ERR_HTTP_HEADERS_SENT' });
}
