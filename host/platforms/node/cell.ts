import type {
  Cell,
  CellState,
  Invocation,
  LoadedVersion,
  RpcCall as Rpc,
  RpcRun,
  QueueBatch,
  QueueOutcome,
  ScheduledEvent,
  ScheduledOutcome,
} from '../../dispatch/cell.ts';
import type { ServiceCaller } from '../../dispatch/services.ts';
import { servicesOf } from '../../bindings/service/target.ts';
import { timeLeft, type TimeLeft } from '../../cell/time-left.ts';
import type { FailureCode } from '../../cell/failure.ts';
import { BrinkError, toBrinkError, type Code } from '../../errors.ts';
import type { ConsoleLevel } from '../../observe/events.ts';
import { mapStack } from '../../observe/stack.ts';
import { requestIdOf } from '../../observe/trace.ts';
import type { Artifact } from '../../registry/artifact.ts';
import { bindingsOf } from '../../bindings/kinds.ts';
import { callOf, FetchCall, QueueCall, ScheduledCall, type Call } from './call.ts';
import { Calls } from './calls.ts';
import type { NodeCellOptions } from './cell-options.ts';
import { DeadlineClock } from './deadline-clock.ts';
import { CACHES, type FromCell, type ThrownError } from './frames.ts';
import { handlerFailure } from './handler-failure.ts';
import { RpcCall } from './rpc-call.ts';
import { startThread, type Thread } from './thread.ts';

/** A cell that answers nothing for this long, in ms, after a deadline has passed is stopped: its thread does not come back from a handler. */
const PONG_WITHIN = 1_000;

/** A cell on Node: a worker thread. */
export class NodeCell implements Cell {
  readonly #version: LoadedVersion;
  readonly #options: NodeCellOptions;
  readonly #ready: Promise<Thread>;
  readonly #calls = new Map<number, Call>();
  readonly #clock = new DeadlineClock(
    () => this.#calls.values(),
    (calls) => this.#expired(calls),
  );
  /** What the function asks of its bindings. */
  #asked: Calls | undefined;
  #artifact: Artifact | undefined;
  #thread: Thread | undefined;
  #state: CellState = 'starting';
  #nextId = 1;
  #ping: NodeJS.Timeout | undefined;
  #idle: (() => void) | undefined;
  #onStop: () => void;

  constructor(version: LoadedVersion, options: NodeCellOptions, onStop: () => void) {
    this.#version = version;
    this.#options = options;
    this.#onStop = onStop;
    this.#ready = this.#start();
    this.#ready.catch(() => {});
  }

  get state(): CellState {
    return this.#state;
  }

  /** How many invocations it has, `waitUntil` work included. */
  get running(): number {
    return this.#calls.size;
  }

  fetch(request: Request, invocation: Invocation): Promise<Response> {
    if (this.#thread !== undefined) return this.#fetch(this.#thread, request, invocation);
    return this.#ready.then((thread) => this.#fetch(thread, request, invocation));
  }

  async scheduled(event: ScheduledEvent, invocation: Invocation): Promise<ScheduledOutcome> {
    const thread = await this.#ready;
    this.#check();
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#calls.set(id, new ScheduledCall(id, invocation, resolve, reject));
      thread.out.send(['scheduled', id, event, callOf(invocation)]);
    });
  }

  async queue(batch: QueueBatch, invocation: Invocation): Promise<QueueOutcome> {
    try {
      const { out } = await this.#ready;
      this.#check();
      return await new Promise((resolve) => {
        const call = new QueueCall(this.#nextId++, { invocation, limit: this.#limitOf(invocation), out }, resolve);
        this.#calls.set(call.id, call);
        this.#clock.watch(call);
        call.send(batch);
      });
    } catch (error) {
      return { said: [], failure: toBrinkError(error) };
    }
  }

  rpc(rpc: Rpc, invocation: Invocation): RpcRun {
    const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
    const start = async () => {
      const thread = await this.#ready;
      this.#check();
      const id = this.#nextId++;
      const call = new RpcCall(id, { invocation, limit: this.#limitOf(invocation), out: thread.out, resolve, reject });
      this.#calls.set(id, call);
      this.#clock.watch(call);
      return call.send(rpc);
    };
    const output = start();
    output.catch(reject);
    return { output, settled };
  }

  async drain(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#state = 'draining';
    await this.#ready.catch(() => {});
    if (this.#calls.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        setTimeout(resolve, this.#options.drainTimeout).unref();
      });
    }
    await this.stop();
  }

  async stop(): Promise<void> {
    const thread = this.#thread ?? (await this.#ready.catch(() => undefined));
    if (this.#state === 'stopped') return;
    this.#end('cell-crashed', 'its cell was stopped');
    this.#event('stopped', null);
    await thread?.terminate();
  }

  async #start(): Promise<Thread> {
    const { function: name, number } = this.#version;
    try {
      const [artifact, secrets] = await Promise.all([this.#version.load(), this.#version.secrets()]);
      this.#artifact = artifact;
      const thread = await startThread({
        artifact,
        secrets,
        version: number,
        startupTimeout: this.#options.startupTimeout,
        heapLimit: this.#options.heapLimit,
        ahead: this.#options.ahead,
        receive: (frame) => this.#receive(frame),
        ended: (reason) => this.#crash('cell-crashed', reason),
      });
      this.#thread = thread;
      const { bindings: state, caches, rates, services } = this.#options;
      const { manifest } = artifact;
      const most = Math.min(state.quotas?.operations ?? Infinity, manifest.limits.operations_per_second ?? Infinity);
      this.#asked = new Calls(
        {
          bindings: bindingsOf(manifest),
          state,
          own: { [CACHES]: caches.of(name) },
          admit: (binding) => rates.take(`${name}/${binding}`, binding, binding === CACHES ? Infinity : most),
          runs: (id) => this.#calls.get(id)?.expired === false,
          services: { specs: servicesOf(manifest), host: services, callerOf: (id) => this.#callerOf(this.#calls.get(id)!) },
        },
        thread.out,
      );
      if (this.#state === 'starting') this.#state = 'ready';
      this.#event('started', null);
      return thread;
    } catch (cause) {
      this.#state = 'stopped';
      this.#onStop();
      const message = cause instanceof Error ? cause.message : String(cause);
      this.#event('crashed', message);
      throw new BrinkError('cell-start-failed', `Cannot start a cell for ${name}@${number}. \`brink logs ${name}\` says why.`, { cause });
    }
  }

  #fetch(thread: Thread, request: Request, invocation: Invocation): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#check();
      const id = this.#nextId++;
      const call = new FetchCall(id, { invocation, limit: this.#limitOf(invocation), out: thread.out }, resolve, reject);
      this.#calls.set(id, call);
      this.#clock.watch(call);
      call.send(request);
    });
  }

  #limitOf(invocation: Invocation): TimeLeft {
    return timeLeft(invocation, this.#version.manifest, Date.now);
  }

  /** An invocation of this cell, as one that calls another function. */
  #callerOf({ invocation, deadline }: Call): ServiceCaller {
    const { function: name, traceparent, clientAddress, service } = invocation;
    return { function: name, traceparent, clientAddress, depth: service?.depth ?? 0, due: performance.timeOrigin + deadline };
  }

  #check(): void {
    if (this.#state === 'stopped') throw this.#error('cell-crashed', 'its cell was stopped');
  }

  #receive(frame: FromCell): void {
    switch (frame[0]) {
      case 'console':
        return this.#console(frame[1] as ConsoleLevel, frame[2], frame[3]);
      case 'exception':
        return this.#exception(frame[1], frame[2]);
      case 'pong':
        clearTimeout(this.#ping);
        this.#ping = undefined;
        for (const call of this.#calls.values()) call.alive?.();
        return undefined;
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
        this.#calls.get(frame[1])?.frame(frame);
        return frame[5] ? this.#forget(frame[1]) : undefined;
      case 'ready':
      case 'start-failed':
        return undefined;
      default:
        return this.#calls.get(frame[1])?.frame(frame);
    }
  }

  #forget(id: number): void {
    this.#calls.delete(id);
    this.#asked?.end(id);
    if (this.#calls.size === 0) this.#idle?.();
  }

  #failed(id: number, code: FailureCode, error: ThrownError): void {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    if (code !== 'handler-missing') this.#exception(error, requestIdOf(call.invocation.traceparent));
    const failure = handlerFailure(code, error, call.invocation);
    return call instanceof RpcCall ? call.failed(failure) : call.fail(failure);
  }

  #expired(calls: readonly Call[]): void {
    for (const call of calls) {
      call.expire(this.#deadlineExceeded(call));
      this.#asked?.end(call.id);
    }
    this.#checkAlive();
  }

  #checkAlive(): void {
    if (this.#ping !== undefined || this.#thread === undefined) return;
    this.#thread.out.send(['ping']);
    this.#ping = setTimeout(() => this.#crash('cell-unresponsive', 'a handler kept its thread busy past the deadline'), PONG_WITHIN);
    this.#ping.unref();
  }

  #crash(code: Code, reason: string): void {
    if (this.#state === 'stopped') return;
    this.#end(code, reason);
    this.#event('crashed', reason);
    void this.#thread?.terminate();
  }

  #end(code: Code, reason: string): void {
    this.#state = 'stopped';
    this.#clock.stop();
    clearTimeout(this.#ping);
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#asked?.stop();
    for (const call of calls) call.fail(this.#error(code, reason));
    this.#idle?.();
    this.#onStop();
  }

  #error(code: Code, reason: string): BrinkError {
    const { function: name, number } = this.#version;
    return new BrinkError(code, `${name}@${number} could not finish this: ${reason}.`);
  }

  #deadlineExceeded({ limit: left, invocation }: Call): BrinkError {
    const { function: name, number } = this.#version;
    const { ms: limit, why } = left!;
    const what = invocation.trigger === 'queue' ? 'did not end' : 'gave no response';
    return new BrinkError('deadline-exceeded', `${name}@${number} ${what} within ${limit} ms (${why}).`, {
      details: { limit },
    });
  }

  #console(level: ConsoleLevel, message: string, requestId: string | null): void {
    const { function: name, number: version } = this.#version;
    const text = level === 'error' && this.#artifact ? mapStack(message, this.#artifact.modules) : message;
    this.#options.events({ type: 'console', time: this.#options.now(), function: name, version, level, message: text, requestId });
  }

  #exception({ message, stack }: ThrownError, requestId: string | null): void {
    const { function: name, number: version } = this.#version;
    const mapped = this.#artifact ? mapStack(stack, this.#artifact.modules) : stack;
    this.#options.events({ type: 'exception', time: this.#options.now(), function: name, version, message, stack: mapped, requestId });
  }

  #event(change: 'started' | 'crashed' | 'stopped', reason: string | null): void {
    const { function: name, number: version } = this.#version;
    this.#options.events({ type: 'cell', time: this.#options.now(), function: name, version, change, reason });
  }
}
