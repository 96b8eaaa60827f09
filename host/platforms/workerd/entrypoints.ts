import { WorkerEntrypoint } from 'cloudflare:workers';
import type { BindingScope, BindingsState, Methods } from '../../bindings/binding.ts';
import { admitIn, Rates } from '../../bindings/rates.ts';
import { toldOf } from '../../bindings/service/told.ts';
import { answer, openBinding, placeOf, type Asked } from '../../bindings/kinds.ts';
import { askBy, askOf } from '../../bindings/scratch/ask.ts';
import { openScratch } from '../../bindings/scratch/open.ts';
import { framed, unframed } from '../../cell/workerd/framed.ts';
import type { Services, ServiceCall } from '../../dispatch/services.ts';
import { ANSWER_HEADER, ARGS_HEADER, METHOD_HEADER, toldError } from '../../cell/workerd/protocol.ts';
import type { BindingStub, CacheBinding, CellLine, LogBinding, RemoteAnswer } from '../../cell/workerd/protocol.ts';
import { withoutOwnFrames } from '../../cell/workerd/thrown.ts';
import type { EventSink } from '../../observe/events.ts';
import { isTelling, type ChangeRule } from '../../registry/change-rules.ts';
import type { ShadowMark } from '../../registry/shadow-record.ts';
import { scratchName } from '../../scopes.ts';
import { keepIn, matchIn } from './platform-cache.ts';
import { mapsKey, type SourceMaps } from './source-maps.ts';
import type { StateStub } from './state.ts';

/** What the stub of an entrypoint carries: whose it is. A function cannot change it. */
export interface OwnerProps {
  readonly function: string;
  readonly version: number;
}

/** Which service it is, and which invocation calls it. */
export type ServiceProps = Pick<ServiceCall, 'target' | 'caller'>;

/** Which binding it is: what the cell sends says nothing of that. */
export interface BindingProps extends OwnerProps {
  readonly kind: string;
  readonly scope: string;
  /** Under which the function has it. */
  readonly name: string;
  /** Operations a second that the manifest asks for at most. */
  readonly operations: number | null;
  /** Whose writes are kept off. */
  readonly shadow?: ShadowMark;
}

/** Those of a call that the host makes itself. */
export function ofHost(binding: BindingScope): BindingProps {
  return { ...binding, function: '', version: 0, name: 'The host', operations: null };
}

/** Characters of a method's name. */
const MAX_NAME = 128;
const MAX_LINES = 2_000;

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

/** The Cache API for functions: the platform's cache, with names that no other function has. */
export class FunctionCache extends WorkerEntrypoint<unknown, OwnerProps> implements CacheBinding {
  async match(cache: string, request: Request): Promise<Response | null> {
    return matchIn(await this.#open(cache), request);
  }

  async keep(cache: string, request: Request, response: Response): Promise<void> {
    return keepIn(await this.#open(cache), request, response);
  }

  async remove(cache: string, url: string): Promise<boolean> {
    return (await this.#open(cache)).delete(url);
  }

  #open(cache: string): Promise<Cache> {
    return caches.open(`brink/${this.ctx.props.function}${cache}`);
  }
}

export interface FunctionBindingOptions {
  /** The object that keeps the state of a kind and scope. */
  stateOf(env: unknown, name: string): StateStub;
  /** Who is told of changes in it. */
  rulesOf(env: unknown, binding: Pick<ChangeRule, 'kind' | 'scope'>): readonly ChangeRule[] | Promise<readonly ChangeRule[]>;
  /** What kinds have whose place is the host Worker; `name` as above. */
  hostState(env: unknown, name: string): BindingsState;
}

/** A function's binding: does what it is asked, or hands it on to the object that keeps its state, one for each scope. */
export function createFunctionBinding({ stateOf, rulesOf, hostState }: FunctionBindingOptions) {
  // Of this isolate alone: what is beside the cell has no object that counts for all of them.
  const rates = new Rates(Date.now);
  return class FunctionBinding extends WorkerEntrypoint<unknown, BindingProps> implements Pick<BindingStub, 'callBinding'> {
    async callBinding(call: Asked): Promise<RemoteAnswer> {
      const { props } = this.ctx;
      const { kind, scope } = props;
      const { method, args, body } = Object(call) as Asked;
      if (props.shadow === undefined && placeOf(kind) === 'object') {
        const asked = isTelling(props) ? rulesOf(this.env, props) : [];
        const rules = 'then' in asked ? await asked : asked;
        const object = stateOf(this.env, `${kind}/${scope}`);
        return rules.length === 0
          ? object.callBinding(props, { method, args, body })
          : object.callBinding(props, { method, args, body }, rules);
      }
      return this.#answer({ method, args, body: body instanceof ReadableStream ? unframed(body) : body });
    }

    #answer(asked: Asked): Promise<RemoteAnswer> {
      const { props } = this.ctx;
      const { kind, scope, shadow } = props;
      const state = hostState(this.env, shadow === undefined ? `${kind}/${scope}` : `shadow/${scratchName(shadow)}`);
      return answer(
        () => (shadow === undefined ? openBinding({ kind, scope }, state) : this.#openScratch(shadow, state)),
        asked,
        () =>
          admitIn(rates, shadow === undefined ? props : { ...props, function: `${props.function}#${scratchName(shadow)}` }, state.quotas),
      );
    }

    #openScratch(mark: ShadowMark, state: BindingsState): Methods {
      const { kind, scope } = this.ctx.props;
      const real = (binding: BindingScope) => {
        if (placeOf(binding.kind) === 'host') return askOf(openBinding(binding, hostState(this.env, `${binding.kind}/${binding.scope}`)));
        return askBy((call) => stateOf(this.env, `${binding.kind}/${binding.scope}`).callBinding(ofHost(binding), call));
      };
      return openScratch({ kind, scope }, { mark, state, real });
    }

    override async fetch(request: Request): Promise<Response> {
      const { headers, body } = request;
      const [method, args] = [headers.get(METHOD_HEADER), decoded(headers.get(ARGS_HEADER))];
      // Without its length, a body that breaks off would seem to have ended.
      if (body !== null && !headers.has('content-length')) return new Response('A body with Content-Length is wanted.', { status: 411 });
      const { kind, shadow } = this.ctx.props;
      const asked = { method, args, body };
      const { text, body: out } =
        shadow !== undefined || placeOf(kind) === 'host'
          ? await this.#answer(asked)
          : await this.callBinding({ ...asked, body: body && framed(body) });
      return out === null ? new Response(text) : new Response(out as BodyInit, { headers: { [ANSWER_HEADER]: encodeURIComponent(text) } });
    }
  };
}

function decoded(args: string | null): string | null {
  try {
    return args && decodeURIComponent(args);
  } catch {
    return null;
  }
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
