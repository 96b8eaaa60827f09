import { errorOfFailure } from '../../../../bindings/service/failure.ts';
import { headerLines, LightResponse } from '../../light-response.ts';
import { headersOf, nativeRequest } from '../../light-request.ts';
import { RpcTarget, type Stub } from './targets.ts';
import { cannot, type Special } from './values.ts';

/** An object that crosses as what it is made of, or by reference; undefined where it is none of those. */
export function specialOf(value: object): Special | undefined {
  if (value instanceof Error) return { kind: 'error', data: errorData(value) };
  if (value instanceof Headers) return { kind: 'headers', data: headerLines(value) };
  if (value instanceof ReadableStream) return { kind: 'readable', data: new Source(value as ReadableStream<Uint8Array>) };
  if (value instanceof WritableStream) return { kind: 'writable', data: new Sink(value as WritableStream<Uint8Array>) };
  if (value instanceof Request) return { kind: 'request', data: requestData(value) };
  if (value instanceof Response) return { kind: 'response', data: responseData(value) };
  return undefined;
}

/** The same on the other side. */
export function objectOf({ kind, data }: Special): unknown {
  switch (kind) {
    case 'error':
      return errorFrom(data as ErrorData);
    case 'headers':
      return headersOf(data as string[]);
    case 'readable':
      return readableFrom(data as Stub);
    case 'writable':
      return writableFrom(data as Stub);
    case 'request': {
      const { method, url, lines, body } = data as RequestData;
      return new Request(url, {
        method,
        headers: headersOf(lines),
        redirect: 'manual',
        ...(body && { body, duplex: 'half' }),
      } as RequestInit);
    }
    case 'response': {
      const { status, statusText, lines, body } = data as ResponseData;
      return new Response(body, { status, statusText, headers: headersOf(lines) });
    }
    default:
      throw new TypeError('This is no such object.');
  }
}

interface ErrorData {
  readonly text: string;
  readonly cause?: unknown;
}

interface RequestData {
  readonly method: string;
  readonly url: string;
  readonly lines: readonly string[];
  readonly body: ReadableStream<Uint8Array> | null;
}

interface ResponseData {
  readonly status: number;
  readonly statusText: string;
  readonly lines: readonly string[];
  readonly body: ReadableStream<Uint8Array> | null;
}

function errorData(error: Error): ErrorData {
  const text = `${String(error.name)}: ${String(error.message)}`;
  return Object.hasOwn(error, 'cause') ? { text, cause: error.cause } : { text };
}

function errorFrom({ text, ...rest }: ErrorData): Error {
  const error = errorOfFailure({ text });
  Reflect.deleteProperty(error, 'remote');
  if ('cause' in rest) Object.defineProperty(error, 'cause', { value: rest.cause, configurable: true, writable: true });
  return error;
}

function requestData(request: Request): RequestData {
  const { method, url, headers, body } = nativeRequest(request);
  return { method, url, lines: headerLines(headers), body: body as ReadableStream<Uint8Array> | null };
}

function responseData(response: Response): ResponseData {
  const { status, statusText, headers, body } = response;
  if (LightResponse.is(response) && response.webSocket !== null) throw cannot('A WebSocket could not be cloned.');
  return { status, statusText, lines: headerLines(headers), body: body as ReadableStream<Uint8Array> | null };
}

/** A stream that is read from the other side, each piece when that asks for it. */
class Source extends RpcTarget {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>) {
    super();
    if (stream.locked) throw new TypeError('This ReadableStream is currently locked to a reader.');
    this.#reader = stream.getReader();
  }

  async pull(): Promise<Uint8Array | null> {
    const { done, value } = (await this.#reader.read()) as ReadableStreamReadResult<unknown>;
    if (done) return null;
    if (typeof value === 'string') return new TextEncoder().encode(value);
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (!ArrayBuffer.isView(value)) throw new TypeError('This ReadableStream did not return bytes.');
    return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength).slice();
  }

  async cancel(reason: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  [Symbol.dispose](): void {
    this.#reader.cancel(new Error('The other side has ended.')).catch(() => {});
  }
}

class Sink extends RpcTarget {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #closed = false;

  constructor(stream: WritableStream<Uint8Array>) {
    super();
    this.#writer = stream.getWriter();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#writer.write(bytes);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writer.close();
  }

  async abort(reason: unknown): Promise<void> {
    this.#closed = true;
    await this.#writer.abort(reason);
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.#writer.abort(new Error('The other side has ended.')).catch(() => {});
  }
}

function readableFrom(source: Stub): ReadableStream<Uint8Array> {
  const call = caller(source);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const bytes = (await call('pull')) as Uint8Array<ArrayBuffer> | null;
          if (bytes !== null) return controller.enqueue(bytes);
          call.release();
          return controller.close();
        } catch (error) {
          call.release();
          throw error;
        }
      },
      async cancel(reason) {
        await call('cancel', reason instanceof Error ? reason : undefined).catch(() => {});
        call.release();
      },
    },
    { highWaterMark: 0 },
  );
}

function writableFrom(sink: Stub): WritableStream<Uint8Array> {
  const call = caller(sink);
  return new WritableStream<Uint8Array>({
    async write(chunk) {
      await call('write', chunk);
    },
    async close() {
      await call('close').finally(() => call.release());
    },
    async abort(reason) {
      await call('abort', reason).finally(() => call.release());
    },
  });
}

function caller(stub: Stub) {
  const call = async (name: string, ...args: unknown[]): Promise<unknown> => (stub[name] as Stub)(...args);
  return Object.assign(call, { release: () => (stub as unknown as Disposable)[Symbol.dispose]() });
}
