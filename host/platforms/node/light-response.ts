import { LineEditor } from '../../gateway/line-editor.ts';
import { BodyReader } from './body.ts';

/**
 * `Response` as functions see it in a cell, and as the main thread passes it on. One with a small body stays what its
 * constructor was given, and becomes a platform Response only when its body is asked for as a stream; so the usual
 * reply costs no stream, no Headers, and its header lines leave as they came.
 */
const NativeResponse = globalThis.Response;
const NULL_BODY = new Set([101, 204, 205, 304]);
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- NUL, CR and LF are what no header value may hold, and each character is a byte
const VALUE = /^[^\0\r\n\u0100-\uffff]*$/;
/** https://fetch.spec.whatwg.org/#concept-header-value-normalize */
const AROUND = /^[\t\n\r ]+|[\t\n\r ]+$/g;
/** RFC 9112, section 4: `reason-phrase`. */
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/;

/** `BodyReader`: it comes in frames from the cell. */
type LightBody = string | Uint8Array | null | BodyReader;

export interface LightResponseInit extends ResponseInit {
  webSocket?: object | null;
  /** `manual`: the body is in its content coding already. https://developers.cloudflare.com/workers/runtime-apis/response/ */
  encodeBody?: 'automatic' | 'manual';
}

/** What a frame says of a response besides. */
export interface MoreOfResponse {
  readonly statusText: string;
  readonly webSocket?: object;
  /** Of another function's. */
  readonly url?: string;
  readonly redirected?: boolean;
}

export class LightResponse {
  /** In a cell an end of a `WebSocketPair`; on the main thread what accepts the connection (`upgrade.ts`). */
  readonly webSocket: object | null = null;
  readonly encodeBody: 'automatic' | 'manual' = 'automatic';
  #native: Response | undefined;
  #body: LightBody = null;
  #status = 200;
  #statusText = '';
  #headers: Headers | undefined;
  #lines: string[] = [];
  #url = '';
  #redirected = false;

  constructor(body?: BodyInit | null, init?: LightResponseInit) {
    if (init !== undefined && init !== null) {
      if (typeof init !== 'object' && typeof init !== 'function')
        throw new TypeError(`A Response is made with an object of options, not with a ${typeof init}.`);
      this.#status = statusOf(init);
      if (init.statusText !== undefined) this.#statusText = reasonOf(init.statusText);
      if (init.webSocket) this.webSocket = init.webSocket;
      if (init.encodeBody === 'manual') this.encodeBody = 'manual';
      this.#readHeaders(init.headers);
    }
    if (body === undefined || body === null) return;
    if (NULL_BODY.has(this.#status)) throw new TypeError(`A response with status ${this.#status} cannot have a body.`);
    if (typeof body === 'string') {
      this.#body = body;
      this.#defaultType('text/plain;charset=UTF-8');
    } else if (body instanceof Uint8Array) {
      this.#body = body.slice();
    } else if (body instanceof ArrayBuffer) {
      this.#body = new Uint8Array(body.slice(0));
    } else {
      this.#native = new NativeResponse(body, { status: this.#status, statusText: this.#statusText, headers: this.headers });
      this.#headers = this.#native.headers;
    }
  }

  /** What a frame says, without the checks that it has passed already. */
  static of(status: number, lines: string[], body: LightBody, more: MoreOfResponse): LightResponse {
    const response = new LightResponse();
    response.#status = status;
    response.#lines = lines;
    response.#body = body;
    response.#statusText = more.statusText;
    if (more.url !== undefined) response.#url = more.url;
    if (more.redirected) response.#redirected = true;
    if (more.webSocket !== undefined) (response as { webSocket: object | null }).webSocket = more.webSocket;
    return response;
  }

  /** The same with a stream for its body. */
  static withStream(response: LightResponse, stream: ReadableStream<Uint8Array>): LightResponse {
    response.#native = new NativeResponse(stream, {
      status: response.#status,
      statusText: response.#statusText,
      headers: response.headers,
    });
    return response;
  }

  static json(data: unknown, init?: ResponseInit): LightResponse {
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) throw new TypeError('The data is not JSON serializable');
    const response = new LightResponse(null, init);
    if (NULL_BODY.has(response.#status)) throw new TypeError(`A response with status ${response.#status} cannot have a body.`);
    response.#body = text;
    response.#defaultType('application/json');
    return response;
  }

  static redirect(url: string | URL, status = 302): LightResponse {
    const native = NativeResponse.redirect(url, status);
    const response = new LightResponse(null, { status: native.status });
    // They cannot be changed.
    response.#headers = native.headers;
    return response;
  }

  static error(): Response {
    return NativeResponse.error();
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    const prototype = (this === LightResponse ? NativeResponse.prototype : this.prototype) as object;
    return typeof value === 'object' && value !== null && Object.prototype.isPrototypeOf.call(prototype, value);
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  get headers(): Headers {
    if (this.#headers === undefined) {
      this.#headers = new Headers();
      for (let index = 0; index < this.#lines.length; index += 2) this.#headers.append(this.#lines[index]!, this.#lines[index + 1]!);
    }
    return this.#headers;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#platform().body;
  }

  get bodyUsed(): boolean {
    return this.#native?.bodyUsed ?? false;
  }

  get redirected(): boolean {
    return this.#redirected;
  }

  get type(): ResponseType {
    return 'default';
  }

  get url(): string {
    return this.#url;
  }

  clone(): LightResponse {
    const copy = new LightResponse(null, { status: this.#status, statusText: this.#statusText, headers: this.headers });
    copy.#url = this.#url;
    copy.#redirected = this.#redirected;
    if (this.#native || this.#body instanceof BodyReader) copy.#native = this.#platform().clone();
    else copy.#body = this.#body;
    return copy;
  }

  /** Whether it is one of these; `instanceof` takes the platform's own for one too. */
  static is(value: object): value is LightResponse {
    return #status in value;
  }

  /** Header lines: name, value, name, value… */
  static lines(response: LightResponse): string[] {
    return response.#headers ? headerLines(response.#headers) : response.#lines;
  }

  /** Of lines of its own, as those that it was made with may be another's as well; null where it has a Headers. */
  static editor(response: LightResponse): LineEditor | null {
    if (response.#headers !== undefined || response.#native !== undefined) return null;
    return new LineEditor((response.#lines = [...response.#lines]));
  }

  /** The body as it was given; undefined where it has to be read as a stream. */
  static given(response: LightResponse): LightBody | undefined {
    return response.#native ? undefined : response.#body;
  }

  #platform(): Response {
    const body = this.#body instanceof BodyReader ? this.#body.stream() : this.#body;
    return (this.#native ??= new NativeResponse(body as BodyInit | null, {
      status: this.#status === 101 ? 200 : this.#status,
      statusText: this.#statusText,
      headers: this.headers,
    }));
  }

  /** Reads them at once, as the standard does: the caller may change its object later, and bad ones throw here. */
  #readHeaders(init: HeadersInit | undefined): void {
    if (init === undefined || init === null) return;
    if (init instanceof Headers || Array.isArray(init) || Symbol.iterator in init) {
      this.#headers = new Headers(init);
      return;
    }
    for (const name in init) {
      if (!Object.hasOwn(init, name)) continue;
      const value = String(init[name]).replace(AROUND, '');
      if (!NAME.test(name)) throw new TypeError(`Header name ${JSON.stringify(name)} is invalid.`);
      if (!VALUE.test(value)) throw new TypeError(`The value of header ${name} holds characters that no header may hold.`);
      this.#lines.push(name.toLowerCase(), value);
    }
  }

  #defaultType(type: string): void {
    if (this.#headers) {
      if (!this.#headers.has('content-type')) this.#headers.set('content-type', type);
    } else if (!hasName(this.#lines, 'content-type')) {
      this.#lines.push('content-type', type);
    }
  }

  static {
    for (const name of ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const) {
      Object.defineProperty(LightResponse.prototype, name, {
        configurable: true,
        writable: true,
        value: async function (this: LightResponse) {
          return this.#platform()[name]();
        },
      });
    }
  }
}
Object.defineProperty(LightResponse, 'name', { value: 'Response' });
Object.setPrototypeOf(LightResponse.prototype, NativeResponse.prototype);

export function isResponse(value: unknown): value is Response {
  return value instanceof NativeResponse;
}

/** `Headers` gives `set-cookie` once for each value, as it must stay. RFC 6265, section 3. */
export function headerLines(headers: Headers): string[] {
  const lines: string[] = [];
  for (const [name, value] of headers) lines.push(name, value);
  return lines;
}

function statusOf(init: LightResponseInit): number {
  if (init.status === undefined) return 200;
  // As Web IDL makes it an `unsigned short`.
  const status = Number(init.status) & 0xffff;
  if (status === 101 && init.webSocket) return 101;
  if (status < 200 || status > 599) throw new RangeError(`Response status ${init.status} is not between 200 and 599.`);
  return status;
}

function reasonOf(statusText: unknown): string {
  const text = String(statusText);
  if (!REASON.test(text)) throw new TypeError('The statusText holds characters that no status line may hold.');
  return text;
}

function hasName(lines: readonly string[], name: string): boolean {
  for (let index = 0; index < lines.length; index += 2) if (lines[index] === name) return true;
  return false;
}
