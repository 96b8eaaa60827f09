export interface IncomingHandler {
  handle(request: IncomingRequest, response: ResponseOutparam): void;
}

type Result<T> = { readonly tag: 'ok'; readonly val: T } | { readonly tag: 'err'; readonly val: unknown };

/**
 * A host of WASI 0.2 in the shape of preview2-shim, for JavaScript that jco generates: all that a guest needs for
 * answering a request without a body, and nothing more. preview2-shim itself has a thread do the work and waits for it
 * at each call, so that its figures would tell of that, and not of what jco generates.
 */
export function responseOf({ handle }: IncomingHandler, request: Request): Response {
  const out = new ResponseOutparam();
  handle(new IncomingRequest(request), out);
  const { response } = out;
  if (response?.tag !== 'ok') return new Response('The guest gave no response.', { status: 502 });
  const { status, fields, chunks } = response.val;
  const headers = fields.list.map(([name, value]): [string, string] => [name, decoder.decode(value)]);
  return new Response(chunks.length === 1 ? chunks[0]! : new Blob(chunks), { status, headers });
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class Fields {
  list: [name: string, value: Uint8Array][] = [];
  static fromList(list: [string, Uint8Array][]): Fields {
    const fields = new Fields();
    fields.list = list;
    return fields;
  }
  get(name: string): Uint8Array[] {
    return this.list.filter(([each]) => each === name.toLowerCase()).map(([, value]) => value);
  }
  has(name: string): boolean {
    return this.get(name).length > 0;
  }
  set(name: string, values: Uint8Array[]): void {
    this.delete(name);
    for (const value of values) this.append(name, value);
  }
  delete(name: string): void {
    this.list = this.list.filter(([each]) => each !== name.toLowerCase());
  }
  append(name: string, value: Uint8Array): void {
    this.list.push([name.toLowerCase(), value]);
  }
  entries(): [string, Uint8Array][] {
    return this.list;
  }
  clone(): Fields {
    return Fields.fromList([...this.list]);
  }
}

class IncomingRequest {
  readonly #request: Request;
  constructor(request: Request) {
    this.#request = request;
  }
  method() {
    return { tag: this.#request.method.toLowerCase() };
  }
  pathWithQuery(): string {
    return this.#request.url.slice(this.#request.url.indexOf('/', 8));
  }
  scheme() {
    return { tag: 'HTTP' };
  }
  authority(): string {
    return new URL(this.#request.url).host;
  }
  headers(): Fields {
    return Fields.fromList([...this.#request.headers].map(([name, value]) => [name, encoder.encode(value)]));
  }
  consume(): IncomingBody {
    return new IncomingBody();
  }
}

class IncomingBody {
  stream(): InputStream {
    return new InputStream();
  }
  static finish(): FutureTrailers {
    return new FutureTrailers();
  }
}

class FutureTrailers {
  subscribe(): Pollable {
    return new Pollable();
  }
  get(): Result<Result<undefined>> {
    return { tag: 'ok', val: { tag: 'ok', val: undefined } };
  }
}

class OutgoingResponse {
  status = 200;
  readonly fields: Fields;
  readonly chunks: Uint8Array<ArrayBuffer>[] = [];
  constructor(fields: Fields) {
    this.fields = fields;
  }
  statusCode(): number {
    return this.status;
  }
  setStatusCode(status: number): void {
    this.status = status;
  }
  headers(): Fields {
    return this.fields;
  }
  body(): OutgoingBody {
    return new OutgoingBody(this.chunks);
  }
}

class OutgoingBody {
  readonly #chunks: Uint8Array[];
  constructor(chunks: Uint8Array[]) {
    this.#chunks = chunks;
  }
  write(): OutputStream {
    return new OutputStream(this.#chunks);
  }
  static finish(): void {}
}

class ResponseOutparam {
  response: Result<OutgoingResponse> | null = null;
  static set(param: ResponseOutparam, response: Result<OutgoingResponse>): void {
    param.response = response;
  }
}

/** Nothing here is ever waited for. */
class Pollable {
  ready(): boolean {
    return true;
  }
  block(): void {}
}

class InputStream {
  read(): Uint8Array {
    // What is thrown is the error of the function's result.
    throw { tag: 'closed' };
  }
  blockingRead(): Uint8Array {
    return this.read();
  }
  subscribe(): Pollable {
    return new Pollable();
  }
}

class OutputStream {
  readonly #chunks: Uint8Array[];
  constructor(chunks: Uint8Array[]) {
    this.#chunks = chunks;
  }
  checkWrite(): bigint {
    return 65536n;
  }
  write(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }
  blockingWriteAndFlush(bytes: Uint8Array): void {
    this.write(bytes);
  }
  flush(): void {}
  blockingFlush(): void {}
  subscribe(): Pollable {
    return new Pollable();
  }
}

/** Its instances are never made, but what is generated wants the class. */
const unused = () => class {};

const stdout = () => new OutputStream([]);

const INTERFACES: Readonly<Record<string, object>> = {
  'wasi:cli/environment': { getEnvironment: () => [], getArguments: () => [], initialCwd: () => undefined },
  'wasi:cli/stdin': { getStdin: () => new InputStream() },
  'wasi:cli/stdout': { getStdout: stdout },
  'wasi:cli/stderr': { getStderr: stdout },
  'wasi:cli/terminal-input': { TerminalInput: unused() },
  'wasi:cli/terminal-output': { TerminalOutput: unused() },
  'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
  'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
  'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
  'wasi:clocks/monotonic-clock': {
    now: () => process.hrtime.bigint(),
    resolution: () => 1n,
    subscribeDuration: () => new Pollable(),
    subscribeInstant: () => new Pollable(),
  },
  'wasi:clocks/wall-clock': { now: () => ({ seconds: BigInt(Math.floor(Date.now() / 1000)), nanoseconds: 0 }) },
  'wasi:filesystem/preopens': { getDirectories: () => [] },
  'wasi:filesystem/types': { Descriptor: unused(), filesystemErrorCode: () => undefined },
  'wasi:http/outgoing-handler': {
    handle: () => {
      throw { tag: 'HTTP-request-denied' };
    },
  },
  'wasi:http/types': {
    Fields,
    FutureIncomingResponse: unused(),
    FutureTrailers,
    IncomingBody,
    IncomingRequest,
    IncomingResponse: unused(),
    OutgoingBody,
    OutgoingRequest: unused(),
    OutgoingResponse,
    RequestOptions: unused(),
    ResponseOutparam,
    httpErrorCode: () => undefined,
  },
  'wasi:io/error': { Error: unused() },
  'wasi:io/poll': { Pollable, poll: (all: readonly Pollable[]) => Uint32Array.from(all.keys()) },
  'wasi:io/streams': { InputStream, OutputStream },
  'wasi:random/random': {
    getRandomBytes: (length: bigint) => crypto.getRandomValues(new Uint8Array(Number(length))),
    getRandomU64: () => crypto.getRandomValues(new BigUint64Array(1))[0],
  },
};

/** By any version of WASI 0.2. */
export const IMPORTS: Record<string, unknown> = new Proxy(INTERFACES, {
  get: (all, name) => all[String(name).replace(/@.*$/, '')],
});
