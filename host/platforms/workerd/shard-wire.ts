import type { Network } from './egress-entrypoint.ts';
import type { Stubs } from './engine.ts';

/** The host's entrypoints that functions have stubs of. */
export type StubKind = 'LogSink' | 'FunctionCache' | 'FunctionBinding' | 'FunctionService' | 'Egress';

/** Which stub is meant, where none can cross from one process to another: who is told makes it. */
export interface StubOrder {
  readonly kind: StubKind | 'network';
  readonly props: unknown;
}

/** A call of a function, as a shard is told of it. */
export interface ShardCall {
  /** The isolate's name. */
  readonly id: string;
  /** Of the entrypoint's props, those that are no stubs. */
  readonly props: Readonly<Record<string, string>>;
  readonly mail?: StubOrder;
  readonly services?: Readonly<Record<string, StubOrder>>;
}

/** One that is a request. Its method and its body are the request's that it comes with, and its headers, but for one. */
export interface ShardRequest extends ShardCall {
  /** The URL that the function sees. */
  readonly target: string;
  readonly lines: HeaderLines;
}

/** Header lines that one connection has to itself, and so has to say beside the others: name and value by turns. */
export type HeaderLines = readonly string[];

/** What a shard asks of the host by a request. */
export interface DoorRequest {
  /** The isolate whose code is wanted. */
  readonly code?: string;
  /** Whose `fetch` is called, and with which URL. */
  readonly stub?: StubOrder;
  readonly target?: string;
  readonly lines?: HeaderLines;
}

/** RFC 9110, sections 7.2 and 7.6.1. */
const OF_CONNECTIONS = ['host', 'connection', 'keep-alive', 'te', 'trailer'];

/** In the place of a `ShardRequest`: the body is code, of which the names of its handlers are wanted. */
export const PROBE = 'probe';

/** An error of a call, which keeps no more than that. */
export interface WireError {
  readonly name: string;
  readonly message: string;
}

/** Stands for a stub in what the engine puts together. A function's own values are none, whatever is in them. */
export class WireStub implements StubOrder {
  readonly kind: StubOrder['kind'];
  readonly props: unknown;

  constructor(kind: StubOrder['kind'], props: unknown) {
    this.kind = kind;
    this.props = props;
  }
}

/** What the engine asks for, by the entrypoint that each is a stub of. */
export function stubsBy(make: (kind: StubKind, props: unknown) => unknown): Stubs {
  const stub = (kind: StubKind) => (props: unknown) => make(kind, props);
  return {
    log: stub('LogSink'),
    cache: stub('FunctionCache'),
    egress: stub('Egress'),
    binding: stub('FunctionBinding'),
    service: stub('FunctionService'),
  };
}

export function wireStubs(): Stubs {
  return stubsBy((kind, props) => new WireStub(kind, props));
}

/** The way out of a shard itself. */
export function wireNetwork(): Network {
  return new WireStub('network', null) as unknown as Network;
}

/** JSON as a header can carry it. */
export function headerText(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function linesOf(headers: Headers): HeaderLines {
  const lines: string[] = [];
  for (const name of OF_CONNECTIONS) {
    const value = headers.get(name);
    if (value !== null) lines.push(name, value);
  }
  return lines;
}

/** As they were before the border. */
export function ownHeaders(all: Headers, { header, lines }: { readonly header: string; readonly lines: HeaderLines }): Headers {
  const headers = new Headers(all);
  headers.delete(header);
  for (const name of OF_CONNECTIONS) headers.delete(name);
  for (let index = 0; index < lines.length; index += 2) headers.set(lines[index]!, lines[index + 1]!);
  return headers;
}

/** A process takes the rest of a body that nobody wants where it is no longer; else it ends the connection, and an answer may be lost with it: seen with 16 KiB, not with 8. */
const SHORT = 8_192;

/**
 * Whether a request crosses as such, which is faster and keeps the length of its answer. One with a long body is a call, which
 * can be answered whatever becomes of the body.
 */
export function isShort(headers: Headers, body: unknown): boolean {
  if (body === null || body === undefined) return true;
  const length = headers.get('content-length');
  return length !== null && Number(length) <= SHORT;
}

/** workerd's own. */
const { FixedLengthStream: FixedLength } = globalThis as unknown as {
  readonly FixedLengthStream: new (length: number) => ReadableWritablePair<Uint8Array, Uint8Array>;
};

/** The body of a request that has come as a value of a call: its length, which the runtime knew, is only said by then. */
export function sentBody({ headers, body }: Request): Request['body'] {
  const length = headers.get('content-length');
  return body !== null && length !== null ? (body.pipeThrough(new FixedLength(Number(length))) as Request['body']) : body;
}

/** The response that a failed call has. @param header whose name no function knows, so that it can answer nothing like it */
export function failedResponse(error: unknown, header: string): Response {
  return Response.json(wireErrorOf(error), { status: 500, headers: { [header]: 'failed' } });
}

/** @throws what the other side has told */
export async function checkFailed(response: Response, header: string): Promise<Response> {
  if (!response.headers.has(header)) return response;
  throw errorOf((await response.json()) as WireError);
}

function wireErrorOf(error: unknown): WireError {
  return error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) };
}

function errorOf({ name, message }: WireError): Error {
  const error = name === 'TypeError' ? new TypeError(message) : new Error(message);
  error.name = name;
  return error;
}
