import type { BodyReader } from './body.ts';

/**
 * The platform's Request costs more to make than a small handler takes to run. What a cell hands to `fetch` is
 * therefore an object that answers `method`, `url`, `headers` and whole bodies from the frame itself, and becomes a
 * platform Request the first time anything else is asked of it.
 */
const NativeRequest = globalThis.Request;
const NATIVE = Symbol('native');
const utf8 = new TextDecoder();

/** `Request` as functions see it: the platform's, except that it takes incoming requests as input. */
export class CellRequest extends NativeRequest {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    super(nativeRequest(input), withDuplex(init));
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const prototype = (this === CellRequest ? NativeRequest.prototype : this.prototype) as object;
    return typeof value === 'object' && value !== null && Object.prototype.isPrototypeOf.call(prototype, value);
  }
}
Object.defineProperty(CellRequest, 'name', { value: 'Request' });

/** What `fetch` and other users of a platform Request can take. */
export function nativeRequest<Input>(input: Input): Input | Request {
  return input instanceof IncomingRequest ? input[NATIVE]() : input;
}

/** A stream as body needs `duplex` in Node, and not in Workers. */
export function withDuplex(init: RequestInit | undefined): RequestInit | undefined {
  return init?.body instanceof ReadableStream && !('duplex' in init) ? ({ ...init, duplex: 'half' } as RequestInit) : init;
}

export class IncomingRequest {
  readonly #method: string;
  readonly #url: string;
  /** Header lines: name, value, name, value…; as a text, one a line. */
  readonly #lines: readonly string[] | string;
  readonly #body: BodyReader | null;
  #headers: Headers | undefined;
  #abort: AbortController | undefined;
  #aborted = false;
  #used = false;
  #native: Request | undefined;

  constructor(method: string, url: string, lines: readonly string[] | string, body: BodyReader | null) {
    this.#method = method;
    this.#url = url;
    this.#lines = lines;
    this.#body = body;
  }

  // Getters, as the platform's are: what copies a request's own properties must find the same on every platform.
  get method(): string {
    return this.#method;
  }

  get url(): string {
    return this.#url;
  }

  get headers(): Headers {
    return (this.#headers ??= headersOf(linesOf(this.#lines)));
  }

  get signal(): AbortSignal {
    return this.#controller().signal;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#body === null ? null : this[NATIVE]().body;
  }

  get bodyUsed(): boolean {
    return this.#used || (this.#native?.bodyUsed ?? false);
  }

  async text(): Promise<string> {
    if (this.#body === null) return '';
    return this.#native ? this.#native.text() : utf8.decode(await this.#whole());
  }

  async json(): Promise<unknown> {
    return this.#native || this.#body === null ? this[NATIVE]().json() : (JSON.parse(utf8.decode(await this.#whole())) as unknown);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#body === null) return new ArrayBuffer(0);
    if (this.#native) return this.#native.arrayBuffer();
    const bytes = await this.#whole();
    return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }

  blob(): Promise<Blob> {
    return this[NATIVE]().blob();
  }

  formData(): Promise<FormData> {
    return this[NATIVE]().formData();
  }

  clone(): Request {
    return new CellRequest(this[NATIVE]().clone());
  }

  /** The client has gone, or the deadline has passed. */
  abort(reason: string): void {
    this.#aborted = true;
    this.#abort?.abort(new DOMException(reason, 'AbortError'));
  }

  /** With a body that has been read, where this one's has. The standard knows none of GET and HEAD. */
  [NATIVE](): Request {
    if (this.#native !== undefined) return this.#native;
    const body = this.#body === null || this.#method === 'GET' || this.#method === 'HEAD' ? null : this.#body;
    this.#native = new NativeRequest(this.#url, {
      method: this.#method,
      headers: this.headers,
      signal: this.signal,
      redirect: 'manual',
      ...(body && { body: this.#used ? '' : body.stream(), duplex: 'half' }),
    });
    if (this.#used) void this.#native.text();
    return this.#native;
  }

  #controller(): AbortController {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#aborted) this.#abort.abort(new DOMException('The client has gone.', 'AbortError'));
    }
    return this.#abort;
  }

  async #whole(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    this.#used = true;
    return this.#body!.bytes();
  }
}

for (const name of [
  'cache',
  'credentials',
  'destination',
  'duplex',
  'integrity',
  'isHistoryNavigation',
  'isReloadNavigation',
  'keepalive',
  'mode',
  'redirect',
  'referrer',
  'referrerPolicy',
] as const) {
  Object.defineProperty(IncomingRequest.prototype, name, {
    get(this: IncomingRequest) {
      return this[NATIVE]()[name as keyof Request];
    },
  });
}
Object.setPrototypeOf(IncomingRequest.prototype, CellRequest.prototype);
Object.defineProperty(IncomingRequest.prototype, 'constructor', { value: CellRequest, configurable: true, writable: true });

function linesOf(lines: readonly string[] | string): readonly string[] {
  if (typeof lines !== 'string') return lines;
  return lines === '' ? [] : lines.split('\n');
}

export function headersOf(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index < lines.length; index += 2) headers.append(lines[index]!, lines[index + 1]!);
  return headers;
}
