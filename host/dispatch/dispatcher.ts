import { toBrinkError } from '../errors.ts';
import { problemResponse } from '../gateway/problem.ts';
import { nextTraceparent, requestIdOf } from '../observe/trace.ts';
import type { EventSink } from '../observe/events.ts';
import type { Connection } from '../platform.ts';
import type { Invocation, LoadedVersion, QueueBatch, QueueOutcome, ScheduledEvent, ScheduledOutcome } from './cell.ts';
import type { Cells } from './cells.ts';
import { endedEvent, pathOf, unexpectedEvent, type Mark, type Result } from './ended.ts';
import { wishFor, type Chosen, type Functions, type Wish } from './functions.ts';
import type { Destination } from './router.ts';
import { declaredPayload } from '../registry/declared.ts';

export interface DispatcherOptions {
  readonly functions: Functions;
  readonly cells: Cells;
  readonly events: EventSink;
  readonly now: () => number;
  readonly random: () => number;
}

/** Takes a request that has its destination to a cell, and writes down how it went. */
export class Dispatcher {
  readonly #functions: Functions;
  readonly #cells: Cells;
  readonly #events: EventSink;
  readonly #now: () => number;
  readonly #random: () => number;

  constructor({ functions, cells, events, now, random }: DispatcherOptions) {
    this.#functions = functions;
    this.#cells = cells;
    this.#events = events;
    this.#now = now;
    this.#random = random;
  }

  /** Never rejects: what goes wrong becomes problem details. */
  fetch(request: Request, destination: Destination, connection: Connection, time = this.#now()): Promise<Response> {
    try {
      const chosen = this.#functions.choose(destination.function, wishOf(request, destination, connection), time);
      if (chosen instanceof Promise) {
        return chosen
          .then((late) => this.#run(late, request, destination, connection, time))
          .catch((error: unknown) => problemResponse(error));
      }
      return this.#run(chosen, request, destination, connection, time);
    } catch (error) {
      return Promise.resolve(problemResponse(error));
    }
  }

  /** Runs the `scheduled` handler and waits for it. @throws {BrinkError} */
  async scheduled(name: string, reference: string | null, event: ScheduledEvent): Promise<ScheduledOutcome & Invoked> {
    const { version, alias } = await this.#functions.choose(name, wishFor(reference));
    const known = declaredEvent(event, version);
    if (known === null) return { noRetry: false, undeclared: true, version: version.number, alias, requestId: '' };
    const invocation = this.#eventInvocation('scheduled', version, alias);
    const mark = { time: this.#now(), start: performance.now(), cold: false };
    try {
      const cell = this.#cells.of(version);
      mark.cold = cell.state === 'starting';
      const { noRetry } = await cell.scheduled(known, invocation);
      this.#end(mark, invocation, { method: null, path: null, status: null, outcome: 'ok' });
      return { noRetry, version: version.number, alias, requestId: requestIdOf(invocation.traceparent) };
    } catch (cause) {
      const error = toBrinkError(cause);
      this.#end(mark, invocation, { method: null, path: null, status: null, outcome: error.code });
      throw error;
    }
  }

  /**
   * Runs the `queue` handler of a function and waits for it. What fails in there is part of the outcome.
   *
   * @param bound the version that the messages stay on, where it is there
   * @throws {BrinkError} where no version takes them
   */
  async queue(name: string, bound: number | null, batch: QueueBatch): Promise<QueueOutcome & Invoked> {
    return this.#queue(await this.#functions.chooseConsumer(name, batch.queue, bound), batch);
  }

  /** The same for a batch that is in no queue. `reference` is an alias or a version; null is `live`. @throws {BrinkError} */
  async invokeQueue(name: string, reference: string | null, batch: QueueBatch): Promise<QueueOutcome & Invoked> {
    return this.#queue(await this.#functions.choose(name, wishFor(reference)), batch);
  }

  async #queue({ version, alias }: Chosen, batch: QueueBatch): Promise<QueueOutcome & Invoked> {
    const invocation = this.#eventInvocation('queue', version, alias);
    const mark = { time: this.#now(), start: performance.now(), cold: false };
    let outcome: QueueOutcome;
    try {
      const cell = this.#cells.of(version);
      mark.cold = cell.state === 'starting';
      outcome = await cell.queue(batch, invocation);
    } catch (error) {
      outcome = { said: [], failure: toBrinkError(error) };
    }
    this.#end(mark, invocation, { method: null, path: batch.queue, status: null, outcome: outcome.failure?.code ?? 'ok' });
    return { ...outcome, version: version.number, alias, requestId: requestIdOf(invocation.traceparent) };
  }

  #eventInvocation(trigger: Invocation['trigger'], version: LoadedVersion, alias: string | null): Invocation {
    return {
      function: version.function,
      version: version.number,
      alias,
      trigger,
      traceparent: nextTraceparent(null, this.#random),
      url: '',
      target: '',
      clientAddress: null,
      rawHeaders: null,
      raw: null,
      service: null,
    };
  }

  async #run(
    { version, alias }: Chosen,
    request: Request,
    destination: Destination,
    connection: Connection,
    time: number,
  ): Promise<Response> {
    const invocation: Invocation = {
      function: version.function,
      version: version.number,
      alias,
      trigger: 'http',
      traceparent: nextTraceparent(headerOf('traceparent', request, connection), this.#random),
      url: request.url,
      target: destination.target,
      clientAddress: connection.address,
      rawHeaders: connection.rawHeaders,
      raw: connection.raw,
      service: null,
    };
    const mark = { time, start: performance.now(), cold: false };
    const path = pathOf(destination.target);
    try {
      const cell = this.#cells.of(version);
      mark.cold = cell.state === 'starting';
      const response = await cell.fetch(request, invocation);
      this.#end(mark, invocation, { method: request.method, path, status: response.status, outcome: 'ok' });
      return response;
    } catch (cause) {
      const error = toBrinkError(cause);
      this.#end(mark, invocation, { method: request.method, path, status: error.status, outcome: error.code });
      if (error.code === 'internal') this.#events(unexpectedEvent(error, invocation, this.#now()));
      return problemResponse(error, { members: { requestId: requestIdOf(invocation.traceparent) } });
    }
  }

  #end(mark: Mark, invocation: Invocation, result: Result): void {
    this.#events(endedEvent(mark, invocation, result));
  }
}

export interface Invoked {
  readonly version: number;
  readonly alias: string | null;
  readonly requestId: string;
}

/** With the payload that the version itself declares; null where it does not declare the schedule. */
function declaredEvent(event: ScheduledEvent, { manifest }: LoadedVersion): ScheduledEvent | null {
  if (event.declared !== true || event.schedule === undefined) return event;
  const declared = declaredPayload(manifest, event.schedule);
  return declared && { ...event, ...declared };
}

function wishOf(request: Request, { reference }: Destination, connection: Connection): Wish {
  return {
    reference,
    override: headerOf('brink-version', request, connection),
    header: (name) => headerOf(name.toLowerCase(), request, connection),
    address: connection.address,
  };
}

/**
 * Looks at the lines as they came, where the platform has them: that saves making a Headers. Several lines are one
 * value, as there. RFC 9110, section 5.3.
 */
function headerOf(name: string, request: Request, { rawHeaders }: Connection): string | null {
  if (rawHeaders === null) return request.headers.get(name);
  let value: string | null = null;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const line = rawHeaders[index]!;
    if (line.length !== name.length || line.toLowerCase() !== name) continue;
    value = value === null ? rawHeaders[index + 1]! : `${value}, ${rawHeaders[index + 1]!}`;
  }
  return value;
}
