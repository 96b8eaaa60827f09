import { waitUntil } from 'cloudflare:workers';
import {
  readFailure,
  type EmailOrder,
  type EmailResult,
  type QueueOrder,
  type QueueResult,
  type ScheduledResult,
} from '../../cell/workerd/protocol.ts';
import type {
  Cell,
  CellState,
  EmailEvent,
  EmailOutcome,
  HandlerName,
  Invocation,
  LoadedVersion,
  RpcCall,
  RpcRun,
  QueueBatch,
  QueueOutcome,
  ScheduledEvent,
  ScheduledOutcome,
} from '../../dispatch/cell.ts';
import { servicesOf, type ServiceSpec } from '../../bindings/service/target.ts';
import { bodySizes, type BodySizes } from '../../cell/body-size.ts';
import { limitsOf } from '../../cell/limits.ts';
import { timeLeft, type TimeLeft } from '../../cell/time-left.ts';
import type { Rpc } from '../../cell/handlers.ts';
import { BrinkError, toBrinkError } from '../../errors.ts';
import { isSaid } from '../../bindings/queues/said.ts';
import { scratchName } from '../../scopes.ts';
import { cellProps } from './cell-props.ts';
import { CellReports } from './cell-reports.ts';
import { workerCode } from './code.ts';
import { Deadlines } from './deadlines.ts';
import type { WorkerdEngineOptions } from './engine.ts';
import { forward } from './forward.ts';
import { mapsKey } from './source-maps.ts';
import { isStartFailure, startFailureOf } from './start-failure.ts';

/** The cell's main module, seen from the host. */
export interface CellEntrypoint {
  fetch(url: string, init: RequestInit): Promise<Response>;
  brinkScheduled(event: ScheduledEvent): Promise<ScheduledResult>;
  brinkQueue(order: QueueOrder): Promise<QueueResult>;
  brinkEmail(order: EmailOrder): Promise<EmailResult>;
  brinkRpc(rpc: Rpc): Promise<unknown>;
  brinkNames(): Promise<readonly HandlerName[]>;
}

/** A start that failed sticks to the isolate's name: the next cell takes another, by when that was. A shard knows names that this host has not used. */
const failures = new Map<string, number>();
const DRAIN_STEP = 10;
/** Characters of why a message was refused. */
const MAX_REASON = 1_000;
/** The runtime's own verdict that a handler waits for what can never happen. */
const NEVER = 'would never generate a response';

const deadlines = new Deadlines();

/**
 * A cell on workerd: a named isolate. Stubs belong to the request that they were made in, so each call makes its own,
 * and no call waits for a promise of another one.
 */
export class WorkerdCell implements Cell {
  readonly #version: LoadedVersion;
  readonly #options: WorkerdEngineOptions;
  readonly #loader: WorkerLoader;
  readonly #key: string;
  readonly #services: readonly ServiceSpec[];
  readonly #sizes: BodySizes;
  readonly #reports: CellReports;
  #state: CellState = 'starting';
  #running = 0;
  /** The isolate's name, but for when the last one failed. */
  readonly #base: string;
  readonly #id: string;
  /** What `load` threw: an error loses its class on its way through the loader. */
  #loadError: unknown;
  #onStop: () => void;
  #changed: () => void = () => {};

  constructor(version: LoadedVersion, options: WorkerdEngineOptions, onStop: () => void) {
    this.#version = version;
    this.#options = options;
    this.#loader = options.loaderOf(version.function);
    this.#key = mapsKey(version.function, version.number);
    this.#base = `${this.#key}/${version.artifact}/${version.secretsRevision}`;
    this.#id = `${this.#base}/${failures.get(this.#base) ?? 0}`;
    this.#onStop = onStop;
    this.#reports = new CellReports(version, { ...options, key: this.#key });
    this.#services = servicesOf(version.manifest);
    this.#sizes = bodySizes(limitsOf(version.manifest));
  }

  get state(): CellState {
    return this.#state;
  }

  get inFlight(): number {
    return this.#running;
  }

  /** Those of the runtime are not seen from here, and no cell goes for being idle. */
  get open(): number {
    return 0;
  }

  get memory(): null {
    return null;
  }

  watch(changed: () => void): void {
    this.#changed = changed;
  }

  async start(): Promise<void> {
    if (this.#state === 'ready') return;
    await this.#counted(() => this.#starts());
  }

  /**
   * An isolate is started by who calls it first. Were that one over before, as with a body that is refused or a client that
   * leaves, the runtime would give up the start for good, and every later call with it.
   */
  #starts(): Promise<unknown> {
    const names = this.#entrypoint().brinkNames();
    waitUntil(names.catch(() => {}));
    return names;
  }

  fetch(request: Request, invocation: Invocation): Promise<Response> {
    return this.#inTime(invocation, (limit) =>
      this.#call(invocation, (entrypoint) => forward(entrypoint, request, { invocation, sizes: this.#sizes }), limit).catch(
        (error: unknown) => {
          throw !isNever(error) && request.signal.aborted ? request.signal.reason : error;
        },
      ),
    );
  }

  rpc({ method, kind, input }: RpcCall, invocation: Invocation): RpcRun {
    const rpc: Rpc = { method, kind, args: input as unknown[] };
    const output = this.#inTime(invocation, (limit) => this.#call(invocation, (entrypoint) => entrypoint.brinkRpc(rpc), limit));
    return { output, settled: output.then(() => {}) };
  }

  async scheduled(event: ScheduledEvent, invocation: Invocation): Promise<ScheduledOutcome> {
    const result = await this.#call(invocation, (entrypoint) => entrypoint.brinkScheduled(event), null);
    if ('failure' in result) throw this.#reports.handlerFailed(result.failure, invocation);
    return { noRetry: result.noRetry };
  }

  async email(event: EmailEvent, invocation: Invocation): Promise<EmailOutcome> {
    const limit = timeLeft(invocation, this.#version.manifest, this.#options.now);
    try {
      const order = { ...event, deadline: limit.ms };
      const result = await this.#call(invocation, (entrypoint) => entrypoint.brinkEmail(order), null);
      if ('failure' in result) throw this.#reports.eventFailed(result.failure, invocation);
      return { rejected: typeof result.rejected === 'string' ? result.rejected.slice(0, MAX_REASON) : null };
    } catch (error) {
      throw isNever(error) ? this.#reports.neverAnswers(limit) : error;
    }
  }

  async queue(batch: QueueBatch, invocation: Invocation): Promise<QueueOutcome> {
    const limit = timeLeft(invocation, this.#version.manifest, this.#options.now);
    try {
      const order = { ...batch, deadline: limit.ms };
      const { said, failure } = await this.#call(invocation, (entrypoint) => entrypoint.brinkQueue(order), null);
      return { said: isSaid(said) ? said : [], failure: failure && this.#reports.eventFailed(failure, invocation) };
    } catch (error) {
      return { said: [], failure: isNever(error) ? this.#reports.neverAnswers(limit) : toBrinkError(error) };
    }
  }

  async drain(reason: string | null = null): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#become('draining');
    // `waitUntil` work is the runtime's to finish; what it runs, it does not tell.
    while (this.#running > 0) await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP));
    this.#stop(reason);
  }

  async stop(): Promise<void> {
    this.#stop(null);
  }

  #stop(reason: string | null): void {
    if (this.#state === 'stopped') return;
    this.#become('stopped');
    this.#onStop();
    this.#reports.changed('stopped', reason);
  }

  #become(state: CellState): void {
    this.#state = state;
    this.#changed();
  }

  #inTime<Result>(invocation: Invocation, call: (limit: TimeLeft) => Promise<Result>): Promise<Result> {
    const limit = timeLeft(invocation, this.#version.manifest, this.#options.now);
    return new Promise((resolve, reject) => {
      const deadline = deadlines.watch(limit.ms, () => reject(this.#reports.deadlineExceeded(limit)));
      call(limit).then(
        (result) => {
          deadline.done();
          resolve(result);
        },
        (error: unknown) => {
          deadline.done();
          reject(isNever(error) ? this.#reports.neverAnswers(limit) : (error as Error));
        },
      );
    });
  }

  /** @param limit null: nobody waits for a response, so there is none */
  #call<Result>(invocation: Invocation, call: (entrypoint: CellEntrypoint) => Promise<Result>, limit: TimeLeft | null): Promise<Result> {
    if (this.#state === 'starting') void this.#starts();
    return this.#counted(() => call(this.#entrypoint({ invocation, limit })), invocation);
  }

  #counted<Result>(call: () => Promise<Result>, invocation?: Invocation): Promise<Result> {
    const result = this.#run(call, invocation);
    // Where the number of calls is bounded, each has to be seen to end, also when its client has left.
    if (this.#version.manifest.scaling?.concurrency !== undefined) waitUntil(result.catch(() => {}));
    return result;
  }

  /** @param invocation not there where only its start is wanted */
  async #run<Result>(call: () => Promise<Result>, invocation: Invocation | undefined): Promise<Result> {
    if (this.#state === 'stopped') throw this.#reports.error('its cell was stopped');
    this.#running++;
    try {
      const result = await call();
      if (this.#state === 'starting') this.#started();
      return result;
    } catch (error) {
      throw isNever(error) ? error : this.#failureOf(error, invocation);
    } finally {
      this.#running--;
      this.#changed();
    }
  }

  /** @param called not there where only its names are asked for */
  #entrypoint(called?: { readonly invocation: Invocation; readonly limit: TimeLeft | null }): CellEntrypoint {
    const stub = this.#loader.get(this.#id, this.#code);
    if (called === undefined) return stub.getEntrypoint(undefined, { props: {} }) as CellEntrypoint;
    const { invocation, limit } = called;
    const due = () => (limit === null ? Infinity : this.#options.now() + limit.ms);
    const { shadow } = this.#version;
    const props = cellProps(invocation, { services: this.#services, stubs: this.#options.stubs, due, left: limit && limit.ms, shadow });
    return stub.getEntrypoint(undefined, { props }) as CellEntrypoint;
  }

  #code = async (): Promise<WorkerCode> => {
    const { stubs, maps, network } = this.#options;
    const { function: name, number: version, manifest, shadow } = this.#version;
    const [artifact, secrets] = await Promise.all([this.#version.load(), this.#version.secrets()]).catch((error: unknown) => {
      this.#loadError = error;
      throw error;
    });
    maps.keep(this.#key, artifact);
    const owner = { function: name, version };
    const { outbound: hosts } = manifest.capabilities;
    const { operations_per_second: operations = null } = manifest.limits;
    return workerCode(artifact, {
      secrets,
      log: stubs.log(owner),
      cache: stubs.cache(shadow === undefined ? owner : { ...owner, function: `${name}#${scratchName(shadow)}` }),
      binding: ({ kind, scope, name: binding }) => {
        return stubs.binding({ ...owner, kind, scope, name: binding, operations, ...(shadow && { shadow }) });
      },
      ...(hosts || (shadow && shadow.outbound !== 'all')
        ? { outbound: stubs.egress({ ...owner, hosts: hosts ?? null, shadow: shadow?.outbound }) }
        : network && { outbound: network.way, open: network.open }),
    });
  };

  #started(): void {
    this.#become('ready');
    this.#reports.changed('started', null);
  }

  /** What left the isolate: the handler's failure, or the runtime's own. */
  #failureOf(error: unknown, invocation: Invocation | undefined): unknown {
    if (error instanceof BrinkError) return error;
    const message = error instanceof Error ? error.message : String(error);
    if (this.#loadError !== undefined) return this.#startFailed(this.#loadError, message);
    const failure = readFailure(message);
    if (failure !== null && invocation !== undefined) {
      if (this.#state === 'starting') this.#started();
      return this.#reports.handlerFailed(failure, invocation);
    }
    // The result is none that can leave the isolate.
    if (invocation !== undefined && error instanceof Error && error.name === 'DataCloneError')
      return this.#reports.resultInvalid(error, invocation);
    if (isStartFailure(error)) return this.#startFailed(error, this.#reports.mapped(startFailureOf(error).reason));
    return this.#reports.error(message, error);
  }

  #startFailed(cause: unknown, reason: string): BrinkError {
    const error = this.#reports.startFailed(cause);
    // Of the calls that waited for this start, one alone counts.
    if (this.#state === 'stopped') return error;
    this.#become('stopped');
    failures.set(this.#base, Math.max((failures.get(this.#base) ?? 0) + 1, this.#options.now()));
    this.#onStop();
    this.#reports.changed('crashed', reason);
    return error;
  }
}

function isNever(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NEVER);
}
