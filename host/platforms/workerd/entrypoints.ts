import { WorkerEntrypoint } from 'cloudflare:workers';
import { isAllowed } from '../../cell/allowed-host.ts';
import type { Asked } from '../../bindings/kinds.ts';
import type { WireAnswer } from '../../bindings/binding.ts';
import { toldOf } from '../../bindings/service/told.ts';
import type { Services, ServiceCall } from '../../dispatch/services.ts';
import { toldError, type BindingStub, type CacheBinding, type CellLine, type LogBinding } from '../../cell/workerd/protocol.ts';
import { withoutOwnFrames } from '../../cell/workerd/thrown.ts';
import type { EventSink } from '../../observe/events.ts';
import { mapsKey, type SourceMaps } from './source-maps.ts';
import type { StateStub } from './state.ts';

/** What the stub of an entrypoint carries: whose it is. A function cannot change it. */
export interface OwnerProps {
  readonly function: string;
  readonly version: number;
}

export interface EgressProps extends OwnerProps {
  readonly hosts: readonly string[];
}

/** Which binding it is: what the cell sends says nothing of that. */
export interface BindingProps extends OwnerProps {
  readonly kind: string;
  readonly scope: string;
}

/** Which service it is, and which invocation calls it. */
export type ServiceProps = Pick<ServiceCall, 'target' | 'caller'>;

const MAX_LINES = 2_000;
/** Characters of a method's name. */
const MAX_NAME = 128;

/** Takes the lines of a function's cells. */
export function createLogSink(sink: (env: unknown) => EventSink, maps: SourceMaps) {
  return class LogSink extends WorkerEntrypoint<unknown, OwnerProps> implements LogBinding {
    async write(lines: readonly CellLine[]): Promise<void> {
      const emit = sink(this.env);
      for (const line of lines.slice(0, MAX_LINES)) emit(eventOf(line, this.ctx.props, maps));
    }
  };
}

function eventOf(line: CellLine, { function: name, version }: OwnerProps, maps: SourceMaps) {
  const { requestId, message } = line;
  // At the top level of a module there is no clock yet.
  const time = line.time || Date.now();
  const key = mapsKey(name, version);
  if (line.level === 'exception') {
    return { type: 'exception', time, function: name, version, message, stack: maps.map(key, line.stack), requestId } as const;
  }
  const text = line.level === 'error' ? maps.map(key, withoutOwnFrames(message)) : message;
  return { type: 'console', time, function: name, version, level: line.level, message: text, requestId } as const;
}

/** The way out of a function whose manifest names the hosts that it may reach. Each hop of a redirect comes here. */
export class Egress extends WorkerEntrypoint<unknown, EgressProps> {
  override fetch(request: Request): Promise<Response> {
    const { hosts, function: name } = this.ctx.props;
    const { hostname } = new URL(request.url);
    // What `fetch` rejects with, in the function: a class of ours would not arrive there.
    if (!isAllowed(hosts, hostname))
      throw new TypeError(`fetch to ${hostname} is not allowed: capabilities.outbound of ${name} names ${hosts.join(', ') || 'no host'}.`);
    return fetch(request);
  }
}

/** The Cache API for functions: the host's cache, with names that no other function has. */
export class FunctionCache extends WorkerEntrypoint<unknown, OwnerProps> implements CacheBinding {
  async match(cache: string, request: Request, options: CacheQueryOptions | undefined): Promise<Response | null> {
    return (await (await this.#open(cache)).match(request, options)) ?? null;
  }

  async keep(cache: string, request: Request, response: Response): Promise<void> {
    await (await this.#open(cache)).put(request, response);
  }

  async remove(cache: string, request: Request, options: CacheQueryOptions | undefined): Promise<boolean> {
    return (await this.#open(cache)).delete(request, options);
  }

  #open(cache: string): Promise<Cache> {
    return caches.open(`brink/${this.ctx.props.function}${cache}`);
  }
}

/** A function's binding: hands calls on to the object that keeps its state, one for each scope. */
export function createFunctionBinding(stateOf: (env: unknown, name: string) => StateStub) {
  return class FunctionBinding extends WorkerEntrypoint<unknown, BindingProps> implements BindingStub {
    async callBinding(call: Asked): Promise<WireAnswer> {
      const { kind, scope } = this.ctx.props;
      const { method, args, body } = Object(call) as Asked;
      return stateOf(this.env, `${kind}/${scope}`).callBinding({ kind, scope }, { method, args, body });
    }
  };
}

/** What a function's service binding leads to, in one invocation. */
export function createFunctionService(servicesOf: (env: unknown) => Services) {
  return class FunctionService extends WorkerEntrypoint<unknown, ServiceProps> {
    override async fetch(request: Request): Promise<Response> {
      try {
        return await servicesOf(this.env).fetch(request, { ...this.ctx.props, raw: request });
      } catch (error) {
        throw toldError(toldOf(error));
      }
    }

    async brinkCall(kind: unknown, method: unknown, args: unknown): Promise<unknown> {
      if (typeof method !== 'string' || method.length > MAX_NAME || !Array.isArray(args)) throw new TypeError('There is no such method.');
      try {
        const call = { method, kind: kind === 'get' ? 'get' : 'call', input: args } as const;
        const { output, settled } = await servicesOf(this.env).rpc(call, this.ctx.props);
        await settled;
        return await (output as Promise<unknown>);
      } catch (error) {
        throw toldError(toldOf(error));
      }
    }
  };
}
