import type { Principal } from '../../sdk/context.ts';
import { requestIdOf, nextTraceparent, traceIdOf } from '../observe/trace.ts';
import type { ClientCertificate, Connection } from '../platform.ts';
import { BrinkError } from '../errors.ts';
import type { Arrival } from './arrival.ts';
import type { Attempt, Running } from './attempt.ts';
import { changed } from './connection-change.ts';
import { edit, type HeaderEdit } from './header-edit.ts';
import { headerOf, headersOf } from './header-lines.ts';
import { heldBody, heldToBoth, type HeldTo } from './held-body.ts';
import { LineEditor } from './line-editor.ts';
import { problemOf, problemResponse } from './problem.ts';
import { readBody } from './read-body.ts';
import type { RpcRequest } from './rpc.ts';
import type { Next, ParametersOf } from './step.ts';

export interface CallOptions {
  readonly parameters: ParametersOf;
  readonly random: () => number;
  /** The same request on its way through the rules that stand before these; null where none do. */
  readonly outer?: GatewayCall | null;
}

/** One request on its way through the rules of a gateway, which change what the function will see of it. */
export class GatewayCall {
  readonly arrival: Arrival;
  readonly parameters: ParametersOf;
  /** The URL that the function sees. */
  target: string;
  /** Who has sent it, once a rule knows. */
  principal: Principal | null = null;
  /** Why no function was called; null where one was, or a rule's answer is no error. */
  failure: BrinkError | null = null;
  /** `performance.now()` */
  readonly start: number;
  /** Whether a function was called. */
  passed = false;
  readonly #random: () => number;
  readonly #outer: GatewayCall | null;
  #inner: GatewayCall | null = null;
  #traceparent: string | undefined;
  #edits: HeaderEdit[] | undefined;
  #body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
  #signal: AbortSignal | undefined;
  #attempt: Attempt | undefined;
  #ends: AbortController | undefined;
  #held: HeldTo | undefined;

  constructor(arrival: Arrival, { parameters, random, outer = null }: CallOptions) {
    this.arrival = arrival;
    this.parameters = parameters;
    this.target = arrival.destination.target;
    this.#random = random;
    this.#outer = outer;
    this.start = outer?.start ?? performance.now();
    if (outer === null) return;
    outer.#inner = this;
    this.principal = outer.principal;
    if (arrival.trial !== undefined) this.#attempt = { ...arrival.trial, again: false, abortable: false };
  }

  /** The same request at the last of the rules that it has come to. */
  get innermost(): GatewayCall {
    return this.#inner?.innermost ?? this;
  }

  /** A function is called for it. */
  reach(): void {
    this.passed = true;
    this.#outer?.reach();
  }

  /** The same for the function, but for who waits: it goes on when the client has left, until the signal says so. */
  apart(signal: AbortSignal): GatewayCall {
    const { arrival, parameters, target, principal } = this;
    const { address, rawHeaders } = arrival.connection;
    const held = this.#held ?? arrival.connection.held;
    // What only methods and lines are asked of needs no copy of its headers.
    const request = this.#looksAtHeaders
      ? new Request(arrival.request, { signal, ...(arrival.edited && { headers: this.received }) })
      : new Request(arrival.request.url, { method: this.method, signal });
    const certificate = () => arrival.connection.certificate?.() ?? null;
    const connection: Connection = { address, rawHeaders, raw: null, signal, certificate, ...(held && { held }) };
    const call = new GatewayCall({ ...arrival, request, connection }, { parameters, random: this.#random });
    return Object.assign(call, { target, principal }).#withEdits(this.#edits);
  }

  /** What became of one that went apart: whether it came to a function, or what a rule refused it with, as its client is told. */
  went(apart: GatewayCall): void {
    if (apart.passed) return this.reach();
    this.failure = apart.failure;
    if (this.failure !== null) this.#isTold(apart.traceparent);
  }

  #isTold(traceparent: string): void {
    this.#traceparent = traceparent;
    if (this.#outer !== null) this.#outer.#isTold(traceparent);
  }

  #withEdits(edits: HeaderEdit[] | undefined): this {
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

  /** That of the client, by whose connection it came. */
  get certificate(): ClientCertificate | null {
    return this.arrival.connection.certificate?.() ?? null;
  }

  /** Aborts when the client has gone. */
  get signal(): AbortSignal {
    const { connection, request } = this.arrival;
    // Rules before these may have it end sooner.
    return (this.#signal ??= (this.arrival.trial === undefined ? connection.signal : undefined) ?? request.signal);
  }

  /** By this it is known what the client understands. */
  get asked(): RpcRequest {
    return { method: this.method, url: this.arrival.request.url, header: (name) => this.header(name) };
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
    return this.#outer?.traceparent ?? (this.#traceparent ??= nextTraceparent(this.#trace, this.#random));
  }

  /** The same, where anyone has asked for it. */
  get #told(): string | undefined {
    return this.#outer === null ? this.#traceparent : this.#outer.#told;
  }

  /** What all calls for this request are a part of, also where the client has begun no trace. */
  get parent(): string {
    const sent = this.#trace;
    return sent !== null && traceIdOf(sent) === traceIdOf(this.traceparent) ? sent : this.traceparent;
  }

  /** The trace that it is a part of; null where it begins one. */
  get #trace(): string | null {
    return this.arrival.service?.caller.traceparent ?? this.header('traceparent');
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

  /** Has the body break off where it has more than it may, or comes too slowly, for whoever reads it from now on. */
  hold(to: HeldTo): void {
    this.#held = heldToBoth(to, this.#held ?? this.arrival.connection.held);
  }

  /**
   * Reads the body, where there is one, so that it can be sent more than once.
   *
   * @returns false where it has more than `most` bytes: then it goes on as it came, and once
   */
  async keepBody(most: number): Promise<boolean> {
    if (this.#body !== undefined) return this.#body instanceof Uint8Array;
    const length = this.header('content-length');
    // Before anyone looks at the body: on Node that begins to read it.
    if (length !== null && Number(length) > most) return false;
    const { body: whole } = this.arrival.request;
    const held = this.#held ?? this.arrival.connection.held;
    const { function: name, number } = this.arrival.chosen.version;
    const body = held === undefined || whole === null ? whole : heldBody(whole, { to: held, of: `${name}@${number}` });
    // Some requests have a body that `Request` does not show, as of GET.
    if (body === null) return (length ?? '0') === '0' && this.header('transfer-encoding') === null;
    const { bytes, rest } = await readBody(body, most).catch((error: unknown) => {
      if (error instanceof BrinkError) throw error;
      throw new BrinkError('bad-request', 'The body of the request broke off before its end.');
    });
    this.#body = rest ?? bytes;
    return rest === null;
  }

  /** The call that an outer rule makes, where it may make several. */
  get attempt(): Attempt | null {
    return this.#attempt ?? null;
  }

  /** Calls what is behind a rule, which may do so again. A body has to be kept for that. */
  begin(attempt: Attempt, next: Next): Running {
    this.#attempt = attempt;
    const ends = (this.#ends = attempt.abortable ? new AbortController() : undefined);
    const response = next(this);
    if (ends === undefined) return { response, end() {} };
    return {
      response: response.then((late) => {
        if (problemOf(late)?.code === 'deadline-exceeded') ends.abort();
        return late;
      }),
      end: (why) => ends.abort(why),
    };
  }

  /** The header of the request as the client sent it, or as rules before these have left it. */
  get received(): Headers {
    const { request, connection, edited } = this.arrival;
    return edited && connection.rawHeaders !== null ? headersOf(connection.rawHeaders) : request.headers;
  }

  /** The header of the request that the function gets. */
  headers(): Headers {
    const headers = new Headers(this.received);
    edit(headers, this.#edits);
    return headers;
  }

  /** What the function gets after all the rules. */
  result(): Arrival {
    const arrival = this.#edited();
    if (this.#attempt === undefined) return arrival;
    const { ms, traceparent, again } = this.#attempt;
    const trial = { ms, traceparent };
    const ends = this.#ends;
    if (!again && ends === undefined) return { ...arrival, trial };
    // The platform's own object stands for one call.
    const connection = changed(arrival.connection, { principal: arrival.connection.principal ?? null, traceparent: undefined, raw: null });
    const request = ends === undefined || this.#body !== undefined ? arrival.request : this.#request(arrival.request.headers);
    return { ...arrival, connection, request, trial };
  }

  #edited(): Arrival {
    const { arrival, target, principal } = this;
    const traceparent = this.#told;
    const edits = this.#edits !== undefined || this.#body !== undefined;
    const moved = target !== arrival.destination.target;
    const held = this.#held;
    const told = principal !== null || traceparent !== undefined || held !== undefined;
    if (!edits && !moved && !told) return arrival;
    const destination = moved ? { ...arrival.destination, target } : arrival.destination;
    const { connection, request } = arrival;
    if (!edits && !told) return { ...arrival, destination };
    const known = { principal, traceparent, held };
    if (!edits) return { ...arrival, destination, connection: changed(connection, known) };
    if (this.#body !== undefined)
      return {
        ...arrival,
        destination,
        connection: changed(connection, { ...known, rawHeaders: null, raw: null }),
        request: this.#request(this.headers()),
        edited: false,
      };
    const rawHeaders = connection.rawHeaders && [...connection.rawHeaders];
    if (rawHeaders !== null) edit(new LineEditor(rawHeaders), this.#edits);
    // Where the lines go to the cell as they are, only what keeps requests looks at the other ones.
    const looked = rawHeaders === null || this.#looksAtHeaders;
    return {
      ...arrival,
      destination,
      connection: changed(connection, { ...known, rawHeaders }),
      request: looked ? new Request(request, { headers: this.headers() }) : request,
      edited: true,
    };
  }

  get #looksAtHeaders(): boolean {
    const { connection, chosen } = this.arrival;
    const { manifest } = chosen.version;
    return [manifest.async, manifest.idempotency, manifest.webhooks].some((key) => key !== undefined) || connection.rawHeaders === null;
  }

  /** Made anew: of one with a body that was read nothing else can be made. */
  #request(headers: Headers): Request {
    const { url, method, signal } = this.arrival.request;
    const init: RequestInit & { readonly cf: unknown; readonly duplex: 'half' } = {
      method,
      headers,
      body: this.#body ?? null,
      duplex: 'half',
      redirect: 'manual',
      signal: this.#ends === undefined ? signal : AbortSignal.any([this.signal, this.#ends.signal]),
      // What workerd knows of the client.
      cf: (this.arrival.request as { readonly cf?: unknown }).cf,
    };
    return new Request(url, init);
  }
}
