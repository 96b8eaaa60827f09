import { cookieOf, type CookieOptions } from '../cookie.ts';
import { InvalidAnswer } from '../invalid-answer.ts';

interface HttpRequestInit {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: HeadersInit;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: { readonly string?: string; readonly bytes?: Uint8Array<ArrayBuffer> };
}

interface Cookie extends Omit<CookieOptions, 'sameSite' | 'expires'> {
  readonly name: string;
  readonly value: string;
  readonly expires?: Date | number;
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
}

interface HttpResponseInit {
  readonly status?: number | string;
  readonly headers?: HeadersInit;
  readonly cookies?: readonly Cookie[];
  readonly body?: unknown;
  readonly jsonBody?: unknown;
}

const utf8 = new TextEncoder();
const BODILESS = [204, 205, 304];

/** `HttpRequest` of @azure/functions: a request of the web, with `query`, `params` and `user`. */
export class HttpRequest {
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly user = null;
  readonly #request: Request;

  constructor(init: HttpRequestInit | Request, params?: Readonly<Record<string, string>>) {
    this.#request = init instanceof Request ? init : requestOf(init);
    this.query = new URL(this.#request.url).searchParams;
    this.params = params ?? (init instanceof Request ? {} : (init.params ?? {}));
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return this.#request.url;
  }

  get headers(): Headers {
    return this.#request.headers;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#request.body;
  }

  get bodyUsed(): boolean {
    return this.#request.bodyUsed;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#request.arrayBuffer();
  }

  blob(): Promise<Blob> {
    return this.#request.blob();
  }

  formData(): Promise<FormData> {
    return this.#request.formData();
  }

  json(): Promise<unknown> {
    return this.#request.json();
  }

  text(): Promise<string> {
    return this.#request.text();
  }

  clone(): HttpRequest {
    return new HttpRequest(this.#request.clone(), this.params);
  }
}

/** `HttpResponse` of @azure/functions. */
export class HttpResponse {
  readonly cookies: readonly Cookie[];
  readonly #response: Response;

  constructor(init: HttpResponseInit = {}) {
    this.cookies = init.cookies ?? [];
    this.#response = plainResponse(init);
  }

  get status(): number {
    return this.#response.status;
  }

  get headers(): Headers {
    return this.#response.headers;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#response.body;
  }

  get bodyUsed(): boolean {
    return this.#response.bodyUsed;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#response.arrayBuffer();
  }

  blob(): Promise<Blob> {
    return this.#response.blob();
  }

  formData(): Promise<FormData> {
    return this.#response.formData();
  }

  json(): Promise<unknown> {
    return this.#response.json();
  }

  text(): Promise<string> {
    return this.#response.text();
  }

  clone(): HttpResponse {
    const { status, headers } = this;
    const copy = this.#response.clone();
    return new HttpResponse({ status, headers, cookies: this.cookies, body: copy.body });
  }
}

/** What a handler gave as a response of the web. @throws {InvalidAnswer} */
export function responseOf(result: unknown): Response {
  if (result === undefined || result === null) return new Response(null, { status: 204 });
  if (result instanceof Response) return result;
  if (typeof result !== 'object')
    throw new InvalidAnswer(
      `The handler gave ${typeof result}. The HTTP response must be an object with optional properties "body", "jsonBody", "status", "headers" and "cookies".`,
    );
  const init = result as HttpResponseInit;
  const { status, headers, body } = plainResponse(init);
  const own = new Headers(headers);
  for (const cookie of init.cookies ?? []) own.append('set-cookie', lineOf(cookie));
  return new Response(body, { status, headers: own });
}

function plainResponse(init: HttpResponseInit): Response {
  const { body, jsonBody } = init;
  const status = init.status === undefined ? 200 : Number(init.status);
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new InvalidAnswer(`The handler gave the status ${JSON.stringify(init.status)}; it must be a whole number, 200 to 599.`);
  try {
    const headers = new Headers(init.headers);
    if (jsonBody !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
    const content = jsonBody === undefined ? bodyOf(body) : JSON.stringify(jsonBody);
    return new Response(BODILESS.includes(status) ? null : content, { status, headers });
  } catch (error) {
    throw new InvalidAnswer(
      `The handler gave a response that HTTP cannot carry: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function bodyOf(body: unknown): BodyInit | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'object' && Symbol.asyncIterator in body && !(body instanceof ReadableStream))
    return streamOf(body as AsyncIterable<string | Uint8Array<ArrayBuffer>>);
  return body as BodyInit;
}

/** A stream of Node's is one of these too. */
function streamOf(chunks: AsyncIterable<string | Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(typeof value === 'string' ? utf8.encode(value) : value);
    },
    cancel: async (reason) => void (await iterator.return?.(reason)),
  });
}

function lineOf({ name, expires, sameSite, maxAge, ...cookie }: Cookie): string {
  return cookieOf(name, {
    ...cookie,
    ...(expires !== undefined && { expires: new Date(expires) }),
    // In seconds, unlike Express'.
    ...(maxAge !== undefined && { maxAge: maxAge * 1_000 }),
    ...(sameSite !== undefined && { sameSite: sameSite.toLowerCase() as 'strict' | 'lax' | 'none' }),
  });
}

function requestOf({ url = 'http://localhost/', method = 'GET', headers, query = {}, body }: HttpRequestInit): Request {
  const whole = new URL(url);
  for (const [name, value] of Object.entries(query)) whole.searchParams.set(name, value);
  const content = body?.bytes ?? body?.string;
  return new Request(whole, { method, ...(headers !== undefined && { headers }), ...(content !== undefined && { body: content }) });
}
