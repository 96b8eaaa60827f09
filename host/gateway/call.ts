import type { Chosen } from '../dispatch/functions.ts';
import type { Destination } from '../dispatch/router.ts';
import type { Principal } from '../../sdk/context.ts';
import { requestIdOf, nextTraceparent } from '../observe/trace.ts';
import type { Connection } from '../platform.ts';
import type { BrinkError } from '../errors.ts';
import { headerOf } from './header-lines.ts';
import { problemResponse } from './problem.ts';

/** A request to a version that has been chosen, as the dispatcher takes it. */
export interface Arrival {
  readonly chosen: Chosen;
  readonly request: Request;
  readonly destination: Destination;
  readonly connection: Connection;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** What a rule does with a request, or with the response to it. */
export type Step = (call: GatewayCall, next: Next) => Promise<Response>;

/** The rules after this one, and then the function. Never rejects: what goes wrong is a response with problem details. */
export type Next = (call: GatewayCall) => Promise<Response>;

/** The parts of a path that a block's pattern names. */
export type Parameters = Readonly<Record<string, string>>;

/** One request on its way through the rules of a gateway, which change what the function will see of it. */
export class GatewayCall {
  readonly arrival: Arrival;
  /** What stood for the names of the pattern that the rule's block has, by the name of the rule; made by what matches. */
  readonly parameters: ReadonlyMap<string, Parameters> | null;
  /** The URL that the function sees. */
  target: string;
  /** Who has sent it, once a rule knows. */
  principal: Principal | null = null;
  /** Why no function was called; null where one was, or a rule's answer is no error. */
  failure: BrinkError | null = null;
  /** `performance.now()` */
  readonly start = performance.now();
  /** Whether a function was called. */
  passed = false;
  /** The call that this one was made of (`apart`), or itself. */
  readonly origin: GatewayCall;
  readonly #random: () => number;
  #traceparent: string | undefined;
  #edits: HeaderEdit[] | undefined;
  #body: Uint8Array<ArrayBuffer> | undefined;

  constructor(arrival: Arrival, parameters: ReadonlyMap<string, Parameters> | null, random: () => number) {
    this.arrival = arrival;
    this.parameters = parameters;
    this.target = arrival.destination.target;
    this.#random = random;
    this.origin = this;
  }

  /** The same for the function, but for who waits: it goes on when the client has left, until the signal says so. */
  apart(signal: AbortSignal): GatewayCall {
    const { arrival, parameters, target, principal } = this;
    const { address, rawHeaders } = arrival.connection;
    // What only methods and lines are asked of needs no copy of its headers.
    const request = this.#looksAtHeaders
      ? new Request(arrival.request, { signal })
      : new Request(arrival.request.url, { method: this.method, signal });
    const connection: Connection = { address, rawHeaders, raw: null, signal };
    const call = new GatewayCall({ ...arrival, request, connection }, parameters, this.#random);
    (call as { origin: GatewayCall }).origin = this.origin;
    return Object.assign(call, { target, principal }).#edited(this.#edits);
  }

  #edited(edits: HeaderEdit[] | undefined): this {
    this.#edits = edits && [...edits];
    return this;
  }

  get method(): string {
    return this.arrival.request.method;
  }

  /** The client's, where the platform knows it. */
  get address(): string | null {
    return this.arrival.connection.address;
  }

  /** As the client sent it. @param name in lower case */
  header(name: string): string | null {
    return headerOf(name, this.arrival.request, this.arrival.connection);
  }

  /** As the function gets it. @param name in lower case */
  sent(name: string): string | null {
    let value = this.header(name);
    for (const edit of this.#edits ?? []) {
      if (edit.name !== name) continue;
      value = edit.keep && value !== null && edit.value !== null ? `${value}, ${edit.value}` : edit.value;
    }
    return value;
  }

  /** That of the invocation which a rule has answered, for the log. */
  get traceparent(): string {
    return (this.#traceparent ??= nextTraceparent(this.header('traceparent'), this.#random));
  }

  /** What the client hears of an error. Nobody but this one's caller has to know that there was one. */
  refuse(error: BrinkError, headers?: HeadersInit): Response {
    this.failure = error;
    return problemResponse(error, { members: { requestId: requestIdOf(this.traceparent) }, ...(headers && { headers }) });
  }

  /** A header of the request that the function gets; null takes it away. @param name in lower case */
  setHeader(name: string, value: string | null): void {
    (this.#edits ??= []).push({ name, value, keep: false });
  }

  /** One more line. @param name in lower case */
  appendHeader(name: string, value: string): void {
    (this.#edits ??= []).push({ name, value, keep: true });
  }

  /** The body that the function gets, where a rule had to read it; that of `arrival.request` is used up then. */
  replaceBody(body: Uint8Array<ArrayBuffer>): void {
    this.#body = body;
  }

  /** What the function gets after all the rules. */
  result(): Arrival {
    const { arrival, target, principal } = this;
    const traceparent = this.#traceparent;
    const edits = this.#edits !== undefined || this.#body !== undefined;
    const moved = target !== arrival.destination.target;
    const told = principal !== null || traceparent !== undefined;
    if (!edits && !moved && !told) return arrival;
    const destination = moved ? { ...arrival.destination, target } : arrival.destination;
    const { connection, request } = arrival;
    if (!edits && !told) return { ...arrival, destination };
    const known = { principal, traceparent };
    if (!edits) return { ...arrival, destination, connection: changed(connection, known) };
    if (this.#body !== undefined)
      return {
        ...arrival,
        destination,
        connection: changed(connection, { ...known, rawHeaders: null, raw: null }),
        request: this.#request(),
      };
    const rawHeaders = connection.rawHeaders && edited(connection.rawHeaders, this.#edits ?? []);
    // Where the lines go to the cell as they are, only what keeps requests looks at the other ones.
    const looked = rawHeaders === null || this.#looksAtHeaders;
    return {
      ...arrival,
      destination,
      connection: changed(connection, { ...known, rawHeaders }),
      request: looked ? this.#request() : request,
    };
  }

  get #looksAtHeaders(): boolean {
    const { connection, chosen } = this.arrival;
    const { manifest } = chosen.version;
    return [manifest.async, manifest.idempotency, manifest.webhooks].some((key) => key !== undefined) || connection.rawHeaders === null;
  }

  #request(): Request {
    const { request } = this.arrival;
    const headers = new Headers(request.headers);
    for (const { name, value, keep } of this.#edits ?? []) {
      if (value === null) headers.delete(name);
      else if (keep) headers.append(name, value);
      else headers.set(name, value);
    }
    return this.#body === undefined
      ? new Request(request, { headers })
      : new Request(request.url, { method: request.method, headers, body: this.#body, signal: request.signal });
  }
}

interface HeaderEdit {
  readonly name: string;
  /** null: the header goes. */
  readonly value: string | null;
  /** Whether the lines stay that are there. */
  readonly keep: boolean;
}

interface ConnectionChange {
  readonly principal: Principal | null;
  readonly traceparent: string | undefined;
  readonly rawHeaders?: readonly string[] | null;
  readonly raw?: unknown;
}

/** By hand: to spread a connection would read its signal, which is made when it is read. */
function changed(
  connection: Connection,
  { principal, traceparent, rawHeaders = connection.rawHeaders, raw = connection.raw }: ConnectionChange,
): Connection {
  return {
    address: connection.address,
    rawHeaders,
    raw,
    ...(principal && { principal }),
    ...(traceparent !== undefined && { traceparent }),
    get signal() {
      return connection.signal as AbortSignal;
    },
  };
}

function edited(lines: readonly string[], edits: readonly HeaderEdit[]): string[] {
  let out = [...lines];
  for (const { name, value, keep } of edits) {
    if (!keep) out = without(out, name);
    if (value !== null) out.push(name, value);
  }
  return out;
}

function without(lines: readonly string[], name: string): string[] {
  const out: string[] = [];
  for (let index = 0; index < lines.length; index += 2) {
    const line = lines[index]!;
    if (line.length !== name.length || line.toLowerCase() !== name) out.push(line, lines[index + 1]!);
  }
  return out;
}
