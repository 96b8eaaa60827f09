import type { Principal } from '../../../sdk/context.ts';
import type { ConsoleLevel } from '../../observe/events.ts';
import type { WireAnswer, WireCall } from '../../bindings/binding.ts';
import type { RpcResult } from '../../bindings/service/client.ts';
import type { CallFailure } from '../../bindings/service/failure.ts';
import type { EmailEvent, QueueBatch } from '../../dispatch/cell.ts';
import { isFailureCode, type FailureCode } from '../failure.ts';
import { thrownOf, type Thrown } from './thrown.ts';

/** What the host tells a cell of a call. */
export interface CellCall {
  readonly function: string;
  readonly version: number;
  readonly alias: string | null;
  readonly traceparent: string;
  readonly url: string;
  readonly clientAddress: string | null;
  readonly principal: Principal | null;
  /** How long the answer may take, in ms; null where nobody waits for one. */
  readonly left: number | null;
}

/** The entrypoint's props: one string, as each property of an object costs on its way into an isolate. */
export interface CellProps {
  readonly call: string;
  /** Where another function calls: JSON of a `CalledAs`. */
  readonly service?: string;
  /** What the function's own service bindings go to, by name; not there where it has none. */
  readonly services?: Readonly<Record<string, ServiceStub>>;
  /** What a message that came in is forwarded and answered by; there for its handler alone. */
  readonly mail?: BindingStub;
}

/** How another function calls. */
export interface CalledAs {
  readonly entrypoint: string | null;
  readonly props: Readonly<Record<string, unknown>>;
}

const GAP = '\n';

/** No part of it has a line break in it: names, hex digits, an address, JSON, and a URL that has been parsed. */
export function writeCall(call: Omit<CellCall, 'left'>, left: CellCall['left']): CellProps {
  const { function: name, version, alias, traceparent, url, clientAddress, principal } = call;
  const who = principal === null ? '' : JSON.stringify(principal);
  const place = `${name}${GAP}${version}${GAP}${alias ?? ''}`;
  return { call: `${traceparent}${GAP}${place}${GAP}${clientAddress ?? ''}${GAP}${who}${GAP}${left ?? ''}${GAP}${url}` };
}

export function readCall({ call }: CellProps): CellCall {
  const [traceparent, name, version, alias, clientAddress, who, left, url] = call.split(GAP) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const principal = who === '' ? null : (JSON.parse(who) as Principal);
  return {
    traceparent,
    function: name,
    version: Number(version),
    alias: alias || null,
    clientAddress: clientAddress || null,
    principal,
    left: left === '' ? null : Number(left),
    url,
  };
}

/** The names under which a cell finds what is the host's; it takes them out of `env` before the author's code runs. */
export const LOG_BINDING = 'brink:log';
export const CACHE_BINDING = 'brink:cache';
/** Addresses and ranges that its `fetch` reaches besides public ones; not there where it need not look. */
export const OPEN = 'brink:open';
/** The function's bindings, a list of `BindingName`; the stub of each lies under `STUB_PREFIX` and its name. */
export const BINDINGS = 'brink:bindings';
/** The names of the function's service bindings. */
export const SERVICES = 'brink:services';
/** The function's `Limits`. */
export const LIMITS = 'brink:limits';
export const STUB_PREFIX = 'brink:binding:';

/** Of a call as a request: its arguments as `encodeURIComponent` has them. */
export const METHOD_HEADER = 'brink-method';
export const ARGS_HEADER = 'brink-args';
/** The text of its answer, likewise, where that has a body; it is the response's where there is none. */
export const ANSWER_HEADER = 'brink-answer';

/** What a cell tells of itself between its answers: a line of the console, or what was thrown where nobody waits. */
export type CellLine =
  | { readonly time: number; readonly level: ConsoleLevel; readonly message: string; readonly requestId: string | null }
  | {
      readonly time: number;
      readonly level: 'exception';
      readonly message: string;
      readonly stack: string;
      readonly requestId: string | null;
    };

export interface LogBinding {
  write(lines: readonly CellLine[]): Promise<void>;
}

/**
 * The Cache API by name; `''` is `caches.default`. No method is called `get`, `put` or `delete`: those are shorthands
 * for `fetch` on every stub in an isolate of before 2024-03-26 (`fetcher_no_get_put_delete`).
 */
export interface CacheBinding {
  match(cache: string, request: Request): Promise<Response | null>;
  keep(cache: string, request: Request, response: Response): Promise<void>;
  remove(cache: string, url: string): Promise<boolean>;
}

/** A binding on the host's side. */
export interface BindingStub {
  /** A stream is framed (`framed.ts`). */
  callBinding(call: WireCall): Promise<RemoteAnswer>;
  /** The same for a call with a stream of known length, as a request with Content-Length. */
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** With `life`, the host learns when the cell has let go of it: by itself, or since its invocation has ended. */
export type RemoteAnswer = Omit<WireAnswer, 'ended'> & { readonly life?: Disposable };
/** A service binding on the host's side; requests go to its `fetch`. */
export interface ServiceStub {
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  brinkCall(kind: 'call' | 'get', method: string, args: unknown[]): RpcResult;
}

export interface Failure extends Thrown {
  readonly code: FailureCode;
}

/** What a batch is on its way into an isolate, and how long its handler may take, in ms. */
export interface QueueOrder extends QueueBatch {
  readonly deadline: number;
}

export interface QueueResult {
  readonly said: readonly number[];
  /** `late`: it has not ended within its time. */
  readonly failure: Failure | 'late' | null;
}

/** A message on its way into an isolate, and how long its handler may take, in ms. */
export interface EmailOrder extends EmailEvent {
  readonly deadline: number;
}

export type EmailResult = { readonly rejected: string | null } | { readonly failure: Failure | 'late' };

export type ScheduledResult = { readonly noRetry: boolean } | { readonly failure: Failure };

const MARK = 'brink:';
// The author's code may replace these later.
const { stringify, parse } = JSON;
const NativeError = Error;

export function failureOf(code: FailureCode, error: unknown): Failure {
  return { code, ...thrownOf(error) };
}

/**
 * An error keeps its message alone on its way out of an isolate, so the rest goes inside of that. A cell throws
 * nothing else; what a hostile one puts in here is a failure of its own handler at most.
 */
export function failureError(failure: Failure): Error {
  return new NativeError(MARK + stringify([failure.code, failure.message, failure.stack]));
}

const TOLD = 'brink-told:';

/** The same from the host to the cell of a function that called another. */
export function toldError(failure: CallFailure): Error {
  return new NativeError(TOLD + stringify([failure.text, failure.code ?? null]));
}

export function readTold(message: string): CallFailure | null {
  if (!message.startsWith(TOLD)) return null;
  const [text, code] = parse(message.slice(TOLD.length)) as [string, string | null];
  return { text, ...(code !== null && { code }) };
}

/** The failure inside a message; null where the message is the platform's own. */
export function readFailure(message: string): Failure | null {
  if (!message.startsWith(MARK)) return null;
  try {
    const [code, text, stack] = parse(message.slice(MARK.length)) as unknown[];
    if (!isFailureCode(code) || typeof text !== 'string' || typeof stack !== 'string') return null;
    return { code, message: text, stack };
  } catch {
    return null;
  }
}
