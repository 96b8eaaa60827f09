import { toBrinkError } from '../errors.ts';
import type { Arrival } from '../gateway/arrival.ts';
import type { Trial } from '../gateway/attempt.ts';
import type { Behind, Gateway } from '../gateway/gateway.ts';
import { headerOf } from '../gateway/header-lines.ts';
import { depthOf, nextTraceparent } from '../observe/trace.ts';
import type { Principal } from '../../sdk/context.ts';
import type { EventSink, InvocationEvent } from '../observe/events.ts';
import type { Meter } from '../metering/meter.ts';
import type { Connection } from '../platform.ts';
import type { Invocation, LoadedVersion } from './cell.ts';
import type { Keeper } from './kept-call.ts';
import type { Copy, Mirror } from './mirror.ts';
import { loopDetected, MAX_DEPTH } from './depth.ts';
import type { Pool } from './pool/pool.ts';
import { answeredEvents, endedEvent, pathOf, unexpectedEvent, type Mark } from './ended.ts';
import { eventInvocation } from './event-calls.ts';
import { factsOf, metered } from './facts.ts';
import { answered, answeredAs, problemOnly, refused, rethrown, type Failed } from './failed.ts';
import type { Chosen, Functions, Wish } from './functions.ts';
import type { Destination } from './router.ts';

export interface DispatcherOptions {
  readonly gateway: (behind: Behind) => Gateway;
  readonly keeper: Keeper;
  readonly functions: Functions;
  readonly pool: Pool;
  readonly events: EventSink;
  /** Takes the events of requests that an alias has dealt to their version, for who compares versions; `events` without it. */
  readonly counted?: EventSink;
  /** Copies requests to versions that answer nobody; not there where none are. */
  readonly mirror?: Mirror;
  /** null where nothing is counted. */
  readonly meter: Meter | null;
  readonly now: () => number;
  readonly random: () => number;
}

/** Takes a request that has its destination to a cell, and writes down how it went. */
export class Dispatcher {
  readonly #functions: Functions;
  readonly #pool: Pool;
  readonly #events: EventSink;
  readonly #counted: EventSink;
  readonly #meter: Meter | null;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #keeper: Keeper;
  readonly #mirror: Mirror | null;
  readonly #gateway: Gateway;
  /** Of responses of the gateway that are to be counted. */
  readonly #told = new WeakMap<Response, InvocationEvent>();

  constructor({ gateway, keeper, functions, pool, events, counted = events, mirror, meter, now, random }: DispatcherOptions) {
    this.#functions = functions;
    this.#pool = pool;
    this.#events = events;
    this.#counted = counted;
    this.#meter = meter;
    this.#now = now;
    this.#random = random;
    this.#keeper = keeper;
    this.#mirror = mirror ?? null;
    this.#gateway = gateway({
      pass: ({ chosen, request, destination, connection, time, trial }) =>
        this.#enter(chosen, request, destination, connection, time, trial),
      answered: (call, { status, response }) => {
        const told = answeredEvents(call, status);
        told.forEach(events);
        if (meter !== null) this.#told.set(response, told[0]);
      },
    });
  }

  /** Never rejects: what goes wrong becomes problem details. */
  fetch(request: Request, destination: Destination, connection: Connection, time = this.#now()): Promise<Response> {
    try {
      const chosen = this.#functions.choose(destination.function, wishOf(request, destination, connection), time);
      if (chosen instanceof Promise) {
        return chosen
          .then((late) => this.#run(late, request, destination, connection, time))
          .catch((error: unknown) => refused(error, request, connection));
      }
      return this.#run(chosen, request, destination, connection, time);
    } catch (error) {
      return Promise.resolve(refused(error, request, connection));
    }
  }

  /**
   * Runs the `fetch` handler with a request that the host has kept, and waits `ms` for a cell.
   *
   * @throws {BrinkError} what went wrong
   */
  attempt({ version, alias, forced }: Chosen, request: Request, { url, address, principal, ms }: Attempt): Promise<Response> {
    const sent = request.headers.get('traceparent');
    const told: Invocation = {
      ...eventInvocation('http', { version, alias }, { meter: this.#meter, random: this.#random }),
      traceparent: nextTraceparent(sent, this.#random),
      url,
      target: request.url,
      clientAddress: address,
      principal,
    };
    const invocation = metered(told, this.#meter);
    return this.#fetch(version, request, {
      time: this.#now(),
      start: performance.now(),
      cold: false,
      invocation,
      sent,
      connection: null,
      route: null,
      events: forced ? this.#events : this.#counted,
      ms,
      fail: rethrown,
    });
  }

  #run(chosen: Chosen, request: Request, destination: Destination, connection: Connection, time: number): Promise<Response> {
    if (!this.#gateway.stands(chosen)) return this.#enter(chosen, request, destination, connection, time);
    const response = this.#gateway.fetch({ chosen, request, destination, connection, time });
    return this.#meter === null ? response : this.#meterAnswer(this.#meter, response, { chosen, request, destination, connection });
  }

  /** Counts what a rule has answered: what a function has, is counted already. */
  async #meterAnswer(meter: Meter, response: Promise<Response>, { chosen, request, destination, connection }: Came): Promise<Response> {
    const answer = await response;
    const event = this.#told.get(answer);
    if (event === undefined) return answer;
    const facts = factsOf(chosen.version, { route: destination.route, request, connection });
    return meter.answered(event, facts, { method: request.method, response: answer });
  }

  #enter(
    chosen: Chosen,
    request: Request,
    destination: Destination,
    connection: Connection,
    time: number,
    trial?: Trial,
  ): Promise<Response> {
    const { manifest } = chosen.version;
    if (manifest.async === undefined && manifest.idempotency === undefined && manifest.webhooks === undefined)
      return this.#pass(chosen, request, destination, connection, time, trial);
    const { address, principal = null } = connection;
    // What stands before it looks at the error itself, and then has it said.
    const refuse = this.#gateway.stands(chosen) ? problemOnly : refused;
    const pass = () => this.#pass(chosen, request, destination, connection, time, trial);
    return this.#keeper
      .fetch({ chosen, request, destination, address, principal, pass })
      .catch((error: unknown) => refuse(error, request, connection));
  }

  #pass(
    chosen: Chosen,
    request: Request,
    destination: Destination,
    connection: Connection,
    time: number,
    trial?: Trial,
  ): Promise<Response> {
    const { version, alias, forced } = chosen;
    const sent = trial?.traceparent ?? headerOf('traceparent', request, connection);
    const { deadline_ms: deadline } = version.manifest.limits;
    const ms = trial?.ms ?? deadline;
    const invocation: Invocation = {
      function: version.function,
      version: version.number,
      alias,
      trigger: 'http',
      // Each of several calls is an invocation of its own.
      traceparent: ((trial?.traceparent ?? null) === null ? connection.traceparent : undefined) ?? nextTraceparent(sent, this.#random),
      url: request.url,
      target: destination.target,
      clientAddress: connection.address,
      principal: connection.principal ?? null,
      rawHeaders: connection.rawHeaders,
      raw: connection.raw,
      held: connection.held ?? null,
      service: null,
      waited: deadline - ms,
    };
    const call: Call = {
      time,
      start: performance.now(),
      cold: false,
      invocation: this.#meter === null ? invocation : metered(invocation, this.#meter, { route: destination.route, request, connection }),
      sent,
      connection,
      route: destination.route,
      events: forced ? this.#events : this.#counted,
      ms,
      fail: this.#gateway.stands(chosen) ? answered : answeredAs,
    };
    const copy = this.#mirror?.any ? this.#mirror.take({ chosen, request, connection, invocation, time }) : null;
    return copy === null ? this.#fetch(version, request, call) : this.#copied(version, request, { call, copy });
  }

  async #copied(version: LoadedVersion, request: Request, { call, copy }: { call: Call; copy: Copy }): Promise<Response> {
    const events: EventSink = (event) => {
      call.events(event);
      if (event.type === 'invocation') copy.ended(event);
    };
    try {
      const response = await this.#fetch(version, request, { ...call, events, invocation: { ...call.invocation, tap: copy.tap } });
      return copy.answered(response);
    } catch (error) {
      copy.lost();
      throw error;
    }
  }

  async #fetch(version: LoadedVersion, request: Request, call: Call): Promise<Response> {
    const { invocation, sent, fail } = call;
    const { method } = request;
    const path = pathOf(invocation.target);
    let response: Response;
    let event: InvocationEvent;
    try {
      // Without one it lies inside of none.
      if (sent !== null && depthOf(invocation.traceparent) > MAX_DEPTH)
        throw loopDetected({ caller: 'A function', callee: version.function, how: 'of functions' });
      const pooled = this.#pool.find(version, 0);
      if (pooled !== null) call.cold = pooled.state === 'starting';
      response = await (pooled === null ? this.#wait(version, request, call) : pooled.cell.fetch(request, invocation));
      if (pooled !== null) pooled.answered(call.start);
      event = endedEvent(call, invocation, { method, path, status: response.status, outcome: 'ok' });
      call.events(event);
    } catch (cause) {
      const error = toBrinkError(cause);
      event = endedEvent(call, invocation, { method, path, status: error.status, outcome: error.code });
      call.events(event);
      if (error.code === 'internal') this.#events(unexpectedEvent(error, invocation, this.#now()));
      if (this.#meter === null) return fail({ error, invocation, request, connection: call.connection });
      if (call.connection === null) {
        await this.#meter.ended(event, factsOf(version, { ...call, request }));
        return fail({ error, invocation, request, connection: call.connection });
      }
      response = fail({ error, invocation, request, connection: call.connection });
    }
    return this.#meter === null ? response : this.#meter.answered(event, factsOf(version, { ...call, request }), { method, response });
  }

  #wait(version: LoadedVersion, request: Request, call: Call): Promise<Response> {
    const { connection, ms, invocation } = call;
    // Read only here: the connection's own is made then.
    const signal = connection === null ? null : (connection.signal ?? request.signal);
    return this.#pool.wait(version, { depth: 0, ms, signal }, (pooled, waited) => {
      call.cold = pooled.state === 'starting';
      return pooled.cell.fetch(request, { ...invocation, waited: ms === Infinity ? 0 : invocation.waited + waited });
    });
  }
}

export interface Attempt {
  /** The URL as the client sent it; that of the request is the one that the function sees. */
  readonly url: string;
  readonly address: string | null;
  readonly principal: Principal | null;
  /** How long it waits for a cell. */
  readonly ms: number;
}

interface Call extends Mark {
  readonly invocation: Invocation;
  /** The `traceparent` that it came with. */
  readonly sent: string | null;
  /** Of a client that may leave while it waits; null where there is none. */
  readonly connection: Connection | null;
  /** Where its event goes. */
  readonly events: EventSink;
  /** The pattern of the route that took it. */
  readonly route: string | null;
  /** How long it waits for a cell. */
  readonly ms: number;
  /** What becomes of an error. */
  readonly fail: (failed: Failed) => Response;
}

type Came = Pick<Arrival, 'chosen' | 'request' | 'destination' | 'connection'>;

function wishOf(request: Request, { reference }: Destination, connection: Connection): Wish {
  return {
    reference,
    override: headerOf('brink-version', request, connection),
    header: (name) => headerOf(name.toLowerCase(), request, connection),
    address: connection.address,
  };
}
