import type {
  Cell,
  CellState,
  EmailEvent,
  EmailOutcome,
  Invocation,
  LoadedVersion,
  RpcCall as Rpc,
  RpcRun,
  QueueBatch,
  QueueOutcome,
  ScheduledEvent,
  ScheduledOutcome,
} from '../../dispatch/cell.ts';
import { bodySizes, type BodySizes } from '../../cell/body-size.ts';
import { limitsOf, type Limits } from '../../cell/limits.ts';
import { timeLeft, type TimeLeft } from '../../cell/time-left.ts';
import type { FailureCode } from '../../cell/failure.ts';
import { toBrinkError } from '../../errors.ts';
import type { ConsoleLevel } from '../../observe/events.ts';
import { requestIdOf } from '../../observe/trace.ts';
import { callOf, FetchCall, type Call } from './call.ts';
import { openAsked } from './asked.ts';
import { CallTable } from './call-table.ts';
import type { Calls } from './calls.ts';
import type { NodeCellOptions } from './cell-options.ts';
import { CellReports } from './cell-reports.ts';
import { EmailCall } from './email-call.ts';
import { DeadlineClock } from './deadline-clock.ts';
import { QueueCall } from './queue-call.ts';
import type { FromCell, ThrownError } from './frames.ts';
import { handlerFailure } from './handler-failure.ts';
import { RpcCall } from './rpc-call.ts';
import { ScheduledCall } from './scheduled-call.ts';
import { startThread, type Thread } from './thread.ts';
import { CellWatch, overError, type Over } from './watch.ts';

/** A cell with so many calls whose handlers go on after their deadline is replaced. */
const MOST_ABANDONED = 256;

/** A shadow runs what its version runs. */
function compiledBy({ shadow, partOf, artifact }: LoadedVersion): string {
  return shadow === undefined ? artifact : (partOf ?? artifact);
}

/** A cell on Node: a worker thread. */
export class NodeCell implements Cell {
  readonly #version: LoadedVersion;
  readonly #options: NodeCellOptions;
  readonly #reports: CellReports;
  readonly #limits: Limits;
  readonly #sizes: BodySizes;
  readonly #ready: Promise<Thread>;
  readonly #calls: CallTable;
  readonly #clock = new DeadlineClock(
    () => this.#calls.values(),
    (calls) => this.#expired(calls),
  );
  /** What the function asks of its bindings. */
  #asked: Calls | undefined;
  #thread: Thread | undefined;
  #state: CellState = 'starting';
  #nextId = 1;
  #watch: CellWatch | undefined;
  #idle: (() => void) | undefined;
  #drained: Promise<void> | undefined;
  #changed: () => void = () => {};
  readonly #onStop: (ended: Promise<unknown>) => void;

  constructor(version: LoadedVersion, options: NodeCellOptions, onStop: (ended: Promise<unknown>) => void) {
    this.#version = version;
    this.#options = options;
    this.#reports = new CellReports(version, options);
    this.#limits = limitsOf(version.manifest);
    this.#sizes = bodySizes(this.#limits);
    this.#onStop = onStop;
    const strict = version.manifest.scaling?.concurrency !== undefined;
    this.#calls = new CallTable({ changed: () => this.#changed(), strict });
    this.#ready = this.#start();
    this.#ready.catch(() => {});
  }

  get state(): CellState {
    return this.#state;
  }

  get inFlight(): number {
    return this.#calls.underWay;
  }

  get open(): number {
    return this.#calls.open;
  }

  get memory(): number | null {
    return this.#watch?.bytes ?? null;
  }

  watch(changed: () => void): void {
    this.#changed = changed;
  }

  async start(): Promise<void> {
    await this.#ready;
  }

  /** How many invocations it has, `waitUntil` work included. */
  get running(): number {
    return this.#calls.size;
  }

  fetch(request: Request, invocation: Invocation): Promise<Response> {
    if (this.#thread !== undefined) return this.#fetch(this.#thread, request, invocation);
    return this.#come((thread) => this.#fetch(thread, request, invocation));
  }

  scheduled(event: ScheduledEvent, invocation: Invocation): Promise<ScheduledOutcome> {
    return this.#come((thread) => {
      return new Promise((resolve, reject) => {
        const id = this.#nextId++;
        this.#begin(new ScheduledCall(id, invocation, resolve, reject));
        thread.out.send(['scheduled', id, event, callOf(invocation)]);
      });
    });
  }

  async queue(batch: QueueBatch, invocation: Invocation): Promise<QueueOutcome> {
    try {
      return await this.#come(({ out }) => {
        return new Promise<QueueOutcome>((resolve) => {
          const call = new QueueCall(this.#nextId++, { invocation, limit: this.#limitOf(invocation), out }, resolve);
          this.#begin(call);
          call.send(batch);
        });
      });
    } catch (error) {
      return { said: [], failure: toBrinkError(error) };
    }
  }

  email(event: EmailEvent, invocation: Invocation): Promise<EmailOutcome> {
    return this.#come(({ out }) => {
      return new Promise((resolve, reject) => {
        const call = new EmailCall(this.#nextId++, { invocation, limit: this.#limitOf(invocation), out, resolve, reject });
        this.#begin(call);
        call.send(event);
      });
    });
  }

  rpc(rpc: Rpc, invocation: Invocation): RpcRun {
    const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
    const output = this.#come(({ out }) => {
      const id = this.#nextId++;
      const call = new RpcCall(id, { invocation, limit: this.#limitOf(invocation), out, resolve, reject });
      this.#begin(call);
      return call.send(rpc);
    });
    output.catch(reject);
    return { output, settled };
  }

  drain(reason: string | null = null): Promise<void> {
    return (this.#drained ??= this.#drain(reason));
  }

  async #drain(reason: string | null): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#become('draining');
    await this.#ready.catch(() => {});
    if (this.#calls.size > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        timer = setTimeout(resolve, this.#options.drainTimeout).unref();
      });
      clearTimeout(timer);
    }
    await this.#stop(reason);
  }

  stop(): Promise<void> {
    return this.#stop(null);
  }

  async #stop(reason: string | null): Promise<void> {
    const thread = this.#thread ?? (await this.#ready.catch(() => undefined));
    if (this.#state === 'stopped') return;
    this.#end({ code: 'cell-crashed', reason: 'its cell was stopped', guilty: null });
    this.#reports.changed('stopped', reason);
    await thread?.terminate();
  }

  async #start(): Promise<Thread> {
    const { number } = this.#version;
    try {
      const [artifact, secrets] = await Promise.all([this.#version.load(), this.#version.secrets()]);
      this.#reports.modules = artifact.modules;
      const thread = await startThread({
        worker: await this.#options.threads.take(this.#limits.memory_mb),
        artifact,
        compile: (module, bytes, most) => this.#options.compiled.of([compiledBy(this.#version), module], bytes, most),
        secrets,
        version: number,
        shadow: this.#version.shadow?.outbound,
        startupTimeout: this.#options.startupTimeout,
        network: this.#options.network,
        cpu: this.#options.cpu,
        receive: (frame) => this.#receive(frame),
        ended: (reason, code) => this.#crash({ code, reason, guilty: null }),
      });
      this.#thread = thread;
      this.#watch = new CellWatch({
        vitals: thread.vitals,
        limits: this.#limits,
        deadline: artifact.manifest.limits.deadline_ms,
        calls: () => this.#calls.values(),
        cpu: this.#options.cpu,
        over: (over) => this.#crash(over),
        suspect: () => void this.drain(),
      });
      this.#asked = openAsked({
        manifest: artifact.manifest,
        shadow: this.#version.shadow,
        cell: this.#options,
        out: thread.out,
        invocations: this.#calls,
      });
      if (this.#state === 'starting') this.#become('ready');
      this.#reports.changed('started', null);
      return thread;
    } catch (cause) {
      this.#become('stopped');
      this.#onStop(Promise.resolve());
      const message = cause instanceof Error ? cause.message : String(cause);
      this.#reports.changed('crashed', message);
      throw this.#reports.startFailed(cause);
    }
  }

  /** Counts a call from now on; `begin` makes it one of `#calls`. */
  #come<Result>(begin: (thread: Thread) => Result | Promise<Result>): Promise<Result> {
    this.#calls.comes();
    return this.#ready.then(
      (thread) => {
        this.#calls.came();
        try {
          this.#check();
          return begin(thread);
        } finally {
          this.#changed();
        }
      },
      (error: unknown) => {
        this.#calls.came();
        this.#changed();
        throw error;
      },
    );
  }

  #become(state: CellState): void {
    this.#state = state;
    this.#changed();
  }

  #fetch(thread: Thread, request: Request, invocation: Invocation): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#check();
      const id = this.#nextId++;
      const call = new FetchCall(
        id,
        { invocation, limit: this.#limitOf(invocation), sizes: this.#sizes, out: thread.out },
        resolve,
        reject,
      );
      call.send(request);
      this.#begin(call);
    });
  }

  #begin(call: Call): void {
    this.#calls.add(call);
    this.#clock.watch(call);
    this.#watch?.begin(call);
  }

  #limitOf(invocation: Invocation): TimeLeft {
    return timeLeft(invocation, this.#version.manifest, Date.now);
  }

  #check(): void {
    if (this.#state === 'stopped') throw this.#reports.error('cell-crashed', 'its cell was stopped');
  }

  #receive(frame: FromCell): void {
    switch (frame[0]) {
      case 'console':
        return this.#reports.console(frame[1] as ConsoleLevel, frame[2], frame[3]);
      case 'exception':
        return this.#reports.exception(frame[1], frame[2]);
      case 'pong':
        this.#watch?.beat();
        for (const call of this.#calls.values()) call.alive?.();
        return undefined;
      case 'collected':
        return this.#watch?.collected();
      case 'failed':
        return this.#failed(frame[1], frame[2], frame[3]);
      case 'settled':
        this.#calls.get(frame[1])?.frame(frame);
        return this.#forget(frame[1]);
      case 'abort':
        return this.#asked?.abort(frame[1]);
      case 'call':
        return this.#asked?.receive(frame);
      case 'value':
        return this.#asked?.value(frame[1]);
      case 'response':
        return this.#responded(frame);
      case 'ready':
      case 'start-failed':
        return undefined;
      default:
        return this.#calls.get(frame[1])?.frame(frame);
    }
  }

  #responded(frame: Extract<FromCell, readonly ['response', ...unknown[]]>): void {
    const call = this.#calls.get(frame[1]);
    call?.frame(frame);
    if (frame[5]) return this.#forget(frame[1]);
    if (call === undefined) return undefined;
    return call.upgraded === true ? this.#calls.stepAside(call, 'open') : this.#calls.responds(call);
  }

  #forget(id: number): void {
    this.#calls.remove(id);
    this.#asked?.end(id);
    if (this.#calls.size === 0) this.#idle?.();
    this.#changed();
  }

  #failed(id: number, code: FailureCode, error: ThrownError): void {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    if (code !== 'handler-missing') this.#reports.exception(error, requestIdOf(call.invocation.traceparent), true);
    const failure = handlerFailure(code, error, call.invocation);
    return call instanceof RpcCall ? call.failed(failure) : call.fail(failure);
  }

  #expired(calls: readonly Call[]): void {
    // First, so that whoever tries again finds another cell where this one does not come back.
    this.#watch?.late();
    for (const call of calls) {
      call.expire(this.#reports.deadlineExceeded(call));
      this.#asked?.end(call.id);
      this.#calls.stepAside(call, 'abandoned');
    }
    // Each may keep what it likes in memory.
    if (this.#calls.abandoned >= MOST_ABANDONED) void this.drain('too many of its calls do not end');
  }

  #crash(over: Over): void {
    if (this.#state === 'stopped') return;
    this.#end(over, this.#thread?.terminate());
    this.#reports.changed('crashed', over.reason);
  }

  /** @param ended when its thread has; who stops it waits for that itself */
  #end(over: Over, ended: Promise<unknown> = Promise.resolve()): void {
    this.#state = 'stopped';
    this.#clock.stop();
    this.#watch?.stop();
    const calls = this.#calls.clear();
    this.#asked?.stop();
    for (const call of calls) call.fail(overError(over, call));
    this.#idle?.();
    this.#onStop(ended);
    this.#changed();
  }
}
