/**
 * What Brink uses of the Workers runtime. The platform's own type package redefines the web's types, which the core
 * takes from TypeScript's WebWorker library.
 */
declare module 'cloudflare:workers' {
  export abstract class WorkerEntrypoint<Env = unknown, Props = unknown> {
    protected readonly ctx: WorkerContext<Props>;
    protected readonly env: Env;
    constructor(ctx: WorkerContext<Props>, env: Env);
    fetch?(request: Request): Response | Promise<Response>;
  }
  export abstract class DurableObject<Env = unknown> {
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
    constructor(ctx: DurableObjectState, env: Env);
    fetch?(request: Request): Response | Promise<Response>;
    alarm?(): Promise<void>;
  }
  /** What is passed by reference; its `Symbol.dispose` is called when the last stub of it is gone. */
  export abstract class RpcTarget {}
  export const env: Record<string, unknown>;
  /** The Worker's own entrypoints, each a factory of stubs that carry props. */
  export const exports: Record<string, (options: { props: unknown }) => unknown>;
  /** @throws outside of any request */
  export function waitUntil(promise: Promise<unknown>): void;
}

interface WorkerContext<Props = unknown> {
  readonly props: Props;
  waitUntil(promise: Promise<unknown>): void;
}

interface WorkerLoader {
  /** The isolate of this name, made from the code where there is none. A failed start sticks to its name. */
  get(name: string, code: () => Promise<WorkerCode>): WorkerStub;
  /** An isolate of its own, which ends with its stub. */
  load(code: WorkerCode): WorkerStub;
}

interface WorkerCode {
  compatibilityDate: string;
  compatibilityFlags: string[];
  mainModule: string;
  modules: Record<string, WorkerModule>;
  env: Record<string, unknown>;
  /** Where `fetch` and `connect` go; the parent's way out by default. */
  globalOutbound?: unknown;
}

type WorkerModule = { js: string } | { text: string } | { data: ArrayBuffer } | { json: unknown } | { wasm: ArrayBuffer };

interface WorkerStub {
  getEntrypoint(name: string | undefined, options: { props: unknown }): unknown;
}

interface DurableObjectState {
  waitUntil(promise: Promise<unknown>): void;
  readonly storage: {
    readonly sql: { exec(query: string, ...bindings: unknown[]): SqlCursor; readonly databaseSize: number };
    transactionSync<Result>(body: () => Result): Result;
    get(key: string): Promise<unknown>;
    put(key: string, value: unknown): Promise<void>;
    /** When `alarm` is called, or null; also null while it runs, if nothing has set it since. */
    getAlarm(): Promise<number | null>;
    setAlarm(time: number): Promise<void>;
  };
}

interface SqlCursor {
  readonly columnNames: string[];
  readonly rowsRead: number;
  readonly rowsWritten: number;
  toArray(): Record<string, unknown>[];
  raw(): Iterator<unknown[]>;
}

interface DurableObjectNamespace<Stub> {
  getByName(name: string): Stub;
}

/** The cell's own code, put in by the bundler. */
declare module 'brink:cell' {
  export const cellSource: string;
}

/** In the cell's code, the author's main module; the engine puts in its name. */
declare module 'brink:main' {
  const main: unknown;
  export default main;
}

/** What a static deploy holds: the registry's entries, and each function's main module and secrets under `name@version`. */
declare module 'brink:static' {
  export const entries: readonly (readonly [key: string, value: string])[];
  /** The names of secrets that each requires of the host Worker. */
  export const secrets: Readonly<Record<string, readonly string[]>>;
  export const mains: Readonly<Record<string, () => Promise<{ readonly default?: unknown }>>>;
}

/** https://developers.cloudflare.com/workers/runtime-apis/websockets/ */
interface WorkersWebSocket extends WebSocket {
  accept(): void;
}

declare const WebSocketPair: new () => { readonly 0: WorkersWebSocket; readonly 1: WorkersWebSocket };
