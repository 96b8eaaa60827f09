import { exports, waitUntil, WorkerEntrypoint } from 'cloudflare:workers';
import type { BindingStub, CacheBinding, CellLine, LogBinding, RemoteAnswer } from '../../cell/workerd/protocol.ts';
import { createEgressEntrypoint, type Network } from './egress-entrypoint.ts';
import { decodeCode, type ShardCode } from './shard-code.ts';
import type { ShardDoorStub } from './shard-door.ts';
import type { Method, ShardStub } from './shard-loader.ts';
import {
  checkFailed,
  failedResponse,
  headerText,
  isShort,
  linesOf,
  ownHeaders,
  PROBE,
  sentBody,
  type DoorRequest,
  type ShardCall,
  type ShardRequest,
  type StubKind,
  type StubOrder,
} from './shard-wire.ts';

/** The Worker of a process that runs functions and nothing of the host's. */
interface ShardEnv {
  readonly LOADER: WorkerLoader;
  readonly HOST: ShardDoorStub;
  readonly NETWORK: Network;
  /** What the network leads to besides public addresses, with commas between. */
  readonly OPEN: string;
  readonly HEADER: string;
}

type Entrypoint = Readonly<Record<Method, (...args: readonly unknown[]) => Promise<unknown>>> & {
  fetch(url: string, init: RequestInit): Promise<Response>;
};

/** The isolates that have started. */
const started = new Set<string>();

export default class Shard extends WorkerEntrypoint<ShardEnv> implements Pick<ShardStub, 'run' | 'send'> {
  override async fetch(request: Request): Promise<Response> {
    const { HEADER: header } = this.env;
    const said = request.headers.get(header);
    // So that its supervisor sees that it answers.
    if (said === null) return new Response(null, { status: 204 });
    try {
      if (said === PROBE) return Response.json(await probe(await request.arrayBuffer(), this.env));
      const { target, lines, ...call } = JSON.parse(said) as ShardRequest;
      const { method, headers, body } = request;
      return await isolateOf(call, this.env).fetch(target, {
        method,
        headers: ownHeaders(headers, { header, lines }),
        body,
        redirect: 'manual',
      });
    } catch (error) {
      return failedResponse(error, header);
    }
  }

  send(call: ShardCall, request: Request): Promise<Response> {
    const { url, method, headers } = request;
    return isolateOf(call, this.env).fetch(url, { method, headers, body: sentBody(request), redirect: 'manual' });
  }

  run(call: ShardCall, method: Method, args: readonly unknown[]): Promise<unknown> {
    return isolateOf(call, this.env)[method](...args);
  }
}

export class LogSink extends WorkerEntrypoint<ShardEnv> implements LogBinding {
  async write(lines: readonly CellLine[]): Promise<void> {
    await ask(this.env, { kind: 'LogSink', props: this.ctx.props }, 'write', [lines]);
  }
}

export class FunctionCache extends WorkerEntrypoint<ShardEnv> implements CacheBinding {
  match(cache: string, request: Request): Promise<Response | null> {
    return ask(this.env, { kind: 'FunctionCache', props: this.ctx.props }, 'match', [cache, request]);
  }

  keep(cache: string, request: Request, response: Response): Promise<void> {
    return ask(this.env, { kind: 'FunctionCache', props: this.ctx.props }, 'keep', [cache, request, response]);
  }

  remove(cache: string, url: string): Promise<boolean> {
    return ask(this.env, { kind: 'FunctionCache', props: this.ctx.props }, 'remove', [cache, url]);
  }
}

export class FunctionBinding extends WorkerEntrypoint<ShardEnv> implements Pick<BindingStub, 'callBinding'> {
  callBinding(call: unknown): Promise<RemoteAnswer> {
    return ask(this.env, { kind: 'FunctionBinding', props: this.ctx.props }, 'callBinding', [call]);
  }

  override fetch(request: Request): Promise<Response> {
    return pass(this.env, { kind: 'FunctionBinding', props: this.ctx.props }, request);
  }
}

export class FunctionService extends WorkerEntrypoint<ShardEnv> {
  brinkCall(...args: readonly unknown[]): Promise<unknown> {
    return ask(this.env, { kind: 'FunctionService', props: this.ctx.props }, 'brinkCall', args);
  }

  override fetch(request: Request): Promise<Response> {
    const stub = { kind: 'FunctionService', props: this.ctx.props } as const;
    const { url, method, headers, body } = request;
    if (isShort(headers, body)) return pass(this.env, stub, request);
    return this.env.HOST.send(stub, new Request(url, { method, headers, body, redirect: 'manual' }));
  }
}

export class Egress extends createEgressEntrypoint((env) => {
  const { NETWORK: way, OPEN } = env as ShardEnv;
  return { way, open: OPEN.split(',').filter((each) => each !== '') };
}) {}

function isolateOf({ id, props, mail, services }: ShardCall, env: ShardEnv): Entrypoint {
  const isolate = env.LOADER.get(id, () => codeOf(id, env));
  if (!started.has(id)) keepStarting(isolate, id);
  return isolate.getEntrypoint(undefined, {
    props: { ...props, ...(mail && { mail: stubOf(mail, env) }), ...(services && { services: stubsOf(services, env) }) },
  }) as Entrypoint;
}

/** As the host does it: whoever calls first, the start is not over with that call. */
function keepStarting(isolate: WorkerStub, id: string): void {
  const names = (isolate.getEntrypoint(undefined, { props: {} }) as Entrypoint).brinkNames();
  waitUntil(names.then(() => void started.add(id)).catch(() => {}));
}

async function codeOf(id: string, env: ShardEnv): Promise<WorkerCode> {
  const response = await knock(env, { code: id }, {});
  return workerCodeOf(decodeCode(await response.arrayBuffer()), env);
}

async function probe(code: ArrayBuffer, env: ShardEnv): Promise<unknown> {
  const isolate = env.LOADER.load(workerCodeOf(decodeCode(code), env));
  return (isolate.getEntrypoint(undefined, { props: {} }) as Entrypoint).brinkNames();
}

function workerCodeOf({ code, stubs, outbound }: ShardCode, env: ShardEnv): WorkerCode {
  return { ...code, env: { ...code.env, ...stubsOf(stubs, env) }, globalOutbound: outbound && stubOf(outbound, env) };
}

function stubsOf(orders: Readonly<Record<string, StubOrder>>, env: ShardEnv): Record<string, unknown> {
  return Object.fromEntries(Object.entries(orders).map(([name, order]) => [name, stubOf(order, env)]));
}

/** One of this process: whose it is, the host has said, and a function cannot change. */
function stubOf({ kind, props }: StubOrder, { NETWORK }: ShardEnv): unknown {
  return kind === 'network' ? NETWORK : exports[kind]!({ props });
}

interface Stub extends StubOrder {
  readonly kind: StubKind;
}

/** The runtime's own promise of it, whose parts can be asked for before it is there. */
function ask<Result>({ HOST }: ShardEnv, stub: Stub, method: string, args: readonly unknown[]): Promise<Result> {
  return HOST.ask(stub, method, args) as Promise<Result>;
}

function pass(env: ShardEnv, stub: Stub, { url: target, method, headers, body }: Request): Promise<Response> {
  return knock(env, { stub, target, lines: linesOf(headers) }, { method, headers, body });
}

async function knock(env: ShardEnv, asked: DoorRequest, init: RequestInit): Promise<Response> {
  const { HOST, HEADER: header } = env;
  const headers = new Headers(init.headers);
  headers.set(header, headerText(asked));
  return checkFailed(await HOST.fetch('http://host/', { ...init, headers, redirect: 'manual' }), header);
}
