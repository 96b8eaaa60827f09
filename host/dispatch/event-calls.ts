import { toBrinkError, type BrinkError } from '../errors.ts';
import type { Meter } from '../metering/meter.ts';
import type { EventSink } from '../observe/events.ts';
import { nextTraceparent, requestIdOf } from '../observe/trace.ts';
import { declaredPayload } from '../registry/declared.ts';
import type {
  Cell,
  EmailEvent,
  EmailOutcome,
  Invocation,
  LoadedVersion,
  QueueBatch,
  QueueOutcome,
  ScheduledEvent,
  ScheduledOutcome,
} from './cell.ts';
import { endedEvent, type Mark, type Result } from './ended.ts';
import { factsOf, metered } from './facts.ts';
import { wishFor, type Chosen, type Functions } from './functions.ts';
import { ownInvocation } from './own-invocation.ts';
import type { Pool } from './pool/pool.ts';
import type { PooledCell } from './pool/pooled-cell.ts';

/** The version that was called, by which alias, and the name of its invocation in the log. */
export interface Invoked {
  readonly version: number;
  readonly alias: string | null;
  readonly requestId: string;
}

export interface EventCallsOptions {
  readonly functions: Functions;
  readonly pool: Pool;
  readonly events: EventSink;
  /** null where nothing is counted. */
  readonly meter: Meter | null;
  readonly now: () => number;
  readonly random: () => number;
}

/** Calls the handlers that no request calls, and writes down how it went. */
export class EventCalls {
  readonly #options: EventCallsOptions;

  constructor(options: EventCallsOptions) {
    this.#options = options;
  }

  /** Runs the `scheduled` handler and waits for it. @throws {BrinkError} */
  async scheduled(name: string, reference: string | null, event: ScheduledEvent): Promise<ScheduledOutcome & Invoked> {
    const chosen = await this.#options.functions.choose(name, wishFor(reference));
    const { version, alias } = chosen;
    const known = declaredEvent(event, version);
    if (known === null) return { noRetry: false, undeclared: true, version: version.number, alias, requestId: '' };
    return this.#call('scheduled', { chosen, path: null }, async (cell, invocation) => {
      const { noRetry } = await cell.scheduled(known, invocation);
      return { noRetry };
    });
  }

  /** Runs the `email` handler and waits for it. @throws {BrinkError} */
  async email(name: string, reference: string | null, event: EmailEvent): Promise<EmailOutcome & Invoked> {
    const chosen = await this.#options.functions.choose(name, wishFor(reference));
    return this.#call('email', { chosen, path: event.to }, async (cell, invocation) => {
      const { rejected } = await cell.email(event, invocation);
      return { rejected };
    });
  }

  /**
   * Runs the `queue` handler of a function and waits for it. What fails in there is part of the outcome.
   *
   * @param bound the version that the messages stay on, where it is there
   * @throws {BrinkError} where no version takes them
   */
  async queue(name: string, bound: number | null, batch: QueueBatch): Promise<QueueOutcome & Invoked> {
    return this.#queue(await this.#options.functions.chooseConsumer(name, batch.queue, bound), batch);
  }

  /** The same for a batch that is in no queue. `reference` is an alias or a version; null is `live`. @throws {BrinkError} */
  async invokeQueue(name: string, reference: string | null, batch: QueueBatch): Promise<QueueOutcome & Invoked> {
    return this.#queue(await this.#options.functions.choose(name, wishFor(reference)), batch);
  }

  #queue(chosen: Chosen, batch: QueueBatch): Promise<QueueOutcome & Invoked> {
    return this.#call('queue', { chosen, path: batch.queue }, (cell, invocation) => cell.queue(batch, invocation));
  }

  /** Calls a handler, and writes down how it went. @throws {BrinkError} */
  async #call<Outcome extends object>(
    trigger: Invocation['trigger'],
    { chosen, path }: { readonly chosen: Chosen; readonly path: string | null },
    run: (cell: Cell, invocation: Invocation) => Promise<Outcome>,
  ): Promise<Outcome & Invoked> {
    const { version, alias } = chosen;
    const invocation = eventInvocation(trigger, chosen, this.#options);
    const mark = { time: this.#options.now(), start: performance.now(), cold: false };
    const end = (error: BrinkError | null | undefined) =>
      this.#end(version, mark, invocation, { method: null, path, status: null, outcome: error?.code ?? 'ok' });
    let outcome: Outcome;
    try {
      outcome = await this.#invoke(version, mark, ({ cell }) => run(cell, invocation));
    } catch (cause) {
      const error = toBrinkError(cause);
      await end(error);
      throw error;
    }
    await end((outcome as Partial<QueueOutcome>).failure);
    return { ...outcome, version: version.number, alias, requestId: requestIdOf(invocation.traceparent) };
  }

  /** Runs a handler that no request has called. */
  #invoke<Result>(version: LoadedVersion, mark: Mark, run: (pooled: PooledCell) => Promise<Result>): Promise<Result> {
    const begin = (pooled: PooledCell) => {
      mark.cold = pooled.state === 'starting';
      return run(pooled);
    };
    const pooled = this.#options.pool.find(version, 0);
    return pooled !== null ? begin(pooled) : this.#options.pool.wait(version, { depth: 0, ms: Infinity, signal: null }, begin);
  }

  /** Gives when it is counted, where that is waited for. */
  #end(version: LoadedVersion, mark: Mark, invocation: Invocation, result: Result): Promise<void> | null {
    const event = endedEvent(mark, invocation, result);
    const { events, meter } = this.#options;
    events(event);
    return meter && meter.ended(event, factsOf(version));
  }
}

/** Of a call that no client has made. */
export function eventInvocation(
  trigger: Invocation['trigger'],
  { version, alias }: Pick<Chosen, 'version' | 'alias'>,
  { meter, random }: Pick<EventCallsOptions, 'meter' | 'random'>,
): Invocation {
  return metered(ownInvocation(version, { alias, trigger, traceparent: nextTraceparent(null, random) }), meter);
}

/** With the payload that the version itself declares; null where it does not declare the schedule. */
function declaredEvent(event: ScheduledEvent, { manifest }: LoadedVersion): ScheduledEvent | null {
  if (event.declared !== true || event.schedule === undefined) return event;
  const declared = declaredPayload(manifest, event.schedule);
  return declared && { ...event, ...declared };
}
