import { pickByKey } from '../../registry/weights.ts';
import { BrinkError, type Code } from '../../errors.ts';
import type { CellProps } from '../../cell/workerd/protocol.ts';
import type { CellEntrypoint } from './cell.ts';
import { encodeCode } from './shard-code.ts';
import {
  checkFailed,
  headerText,
  isShort,
  linesOf,
  PROBE,
  type ShardCall,
  type ShardRequest,
  type StubOrder,
  type WireStub,
} from './shard-wire.ts';

/** A shard, seen from the host. */
export interface ShardStub {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** A request with a long body. */
  send(call: ShardCall, request: Request): Promise<Response>;
  run(call: ShardCall, method: Method, args: readonly unknown[]): Promise<unknown>;
}

export interface ShardLoadersOptions {
  readonly shards: readonly ShardStub[];
  /** The name of the header that says what a request is. */
  readonly header: string;
  /** Who starts the shards, and knows how each has ended. */
  readonly ends: { fetch(url: string): Promise<Response> };
}

export interface ShardLoaders {
  /** The loader of a function's isolates, which are in one shard. */
  of(name: string): WorkerLoader;
  /** What an isolate is made of. null: nobody has asked for it. */
  code(id: string): Promise<Uint8Array<ArrayBuffer>> | null;
}

/** What the one who starts them says of a call that has no answer. */
export interface Loss {
  readonly code: Code;
  readonly message: string;
  readonly retryAfter?: unknown;
}

export type Method = Exclude<keyof CellEntrypoint, 'fetch'>;

/** Isolates whose code is known: a shard asks for it right after a call. */
const MAX_CODES = 1_000;
/** How the runtime tells that a process has gone. */
const LOST = /^Network connection lost|disconnected/i;

/** Loaders whose isolates run in other processes, those of one function in the same. */
export function createShardLoaders({ shards, header, ends }: ShardLoadersOptions): ShardLoaders {
  const codes = new Map<string, () => Promise<WorkerCode>>();

  function loaderOf(index: number): WorkerLoader {
    const shard = shards[index]!;
    const to = { shard, header, lost: (error: unknown, since: number) => lostBy(error, { ends, index, since }) };
    return {
      get(id, code) {
        codes.delete(id);
        codes.set(id, code);
        if (codes.size > MAX_CODES) codes.delete(codes.keys().next().value!);
        return { getEntrypoint: (_name, { props }) => new ShardEntrypoint({ ...to, call: callOf(id, props as CellProps) }) };
      },
      load: (code) => ({ getEntrypoint: () => ({ brinkNames: () => namesOf(code, to) }) }),
    };
  }

  const loaders = shards.map((_shard, index) => loaderOf(index));
  return {
    of: (name) => loaders[shardOf(name, shards.length)]!,
    code: (id) => codes.get(id)?.().then(encodeCode) ?? null,
  };
}

/** Which of so many shards has a function: the same one always, and where their number changes most stay where they are. */
export function shardOf(name: string, count: number): number {
  return pickByKey(
    Array.from({ length: count }, (_, version) => ({ version, weight: 1 })),
    name,
  );
}

interface Way {
  readonly shard: ShardStub;
  readonly header: string;
  lost(error: unknown, since: number): Promise<unknown>;
}

class ShardEntrypoint implements CellEntrypoint {
  readonly #way: Way & { readonly call: ShardCall };

  constructor(way: Way & { readonly call: ShardCall }) {
    this.#way = way;
  }

  /** A request that is one on its way as well can become a WebSocket. */
  fetch(target: string, init: RequestInit): Promise<Response> {
    const { call, header, shard } = this.#way;
    const headers = new Headers(init.headers);
    if (!isShort(headers, init.body)) return settled(this.#way, () => shard.send(call, new Request(target, init)));
    headers.set(header, headerText({ ...call, target, lines: linesOf(headers) } satisfies ShardRequest));
    return asked(this.#way, { ...init, headers });
  }

  brinkNames: CellEntrypoint['brinkNames'] = () => this.#call('brinkNames');
  brinkScheduled: CellEntrypoint['brinkScheduled'] = (event) => this.#call('brinkScheduled', event);
  brinkQueue: CellEntrypoint['brinkQueue'] = (order) => this.#call('brinkQueue', order);
  brinkEmail: CellEntrypoint['brinkEmail'] = (order) => this.#call('brinkEmail', order);
  brinkRpc: CellEntrypoint['brinkRpc'] = (rpc) => this.#call('brinkRpc', rpc);

  #call<Result>(method: Method, ...args: unknown[]): Promise<Result> {
    const { shard, call } = this.#way;
    return settled(this.#way, () => shard.run(call, method, args) as Promise<Result>);
  }
}

async function namesOf(code: WorkerCode, way: Way): Promise<unknown> {
  const body = encodeCode(code);
  const response = await asked(way, { method: 'POST', headers: { [way.header]: PROBE }, body });
  return response.json();
}

async function asked(way: Way, init: RequestInit): Promise<Response> {
  const response = await settled(way, () => way.shard.fetch('http://shard/', init));
  return checkFailed(response, way.header);
}

async function settled<Result>({ lost }: Way, call: () => Promise<Result>): Promise<Result> {
  const since = Date.now();
  try {
    return await call();
  } catch (error) {
    throw await lost(error, since);
  }
}

function callOf(id: string, { mail, services, ...props }: CellProps): ShardCall {
  return {
    id,
    props: props as Readonly<Record<string, string>>,
    ...(mail && { mail: told(mail) }),
    ...(services && { services: Object.fromEntries(Object.entries(services).map(([name, stub]) => [name, told(stub)])) }),
  };
}

/** Calls of methods carry no objects of a class. */
function told(stub: unknown): StubOrder {
  const { kind, props } = stub as WireStub;
  return { kind, props };
}

/** What is thrown where a call has no answer since its shard has gone. */
async function lostBy(
  error: unknown,
  { ends, index, since }: { readonly ends: ShardLoadersOptions['ends']; readonly index: number; readonly since: number },
): Promise<unknown> {
  if (!(error instanceof Error) || !LOST.test(error.message)) return error;
  const loss = (await (await ends.fetch(`http://shards/${index}?since=${since}`)).json()) as Loss | null;
  if (loss === null) return error;
  const { code, message, retryAfter } = loss;
  return new BrinkError(code, message, { cause: error, ...(retryAfter !== undefined && { details: { retryAfter } }) });
}
