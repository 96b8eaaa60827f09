import { Context } from '../../cell/context.ts';
import { failureCodeOf, handlersOf, type EventName, type Handlers } from '../../cell/handlers.ts';
import { Running, type InvocationStorage } from '../../cell/invocation.ts';
import { scheduledController } from '../../cell/scheduled.ts';
import { thrownOf } from '../../cell/workerd/thrown.ts';
import { Batch } from '../../bindings/queues/batch.ts';
import type {
  Cell,
  CellState,
  EmailOutcome,
  Invocation,
  LoadedVersion,
  RpcRun,
  QueueBatch,
  QueueOutcome,
  ScheduledEvent,
  ScheduledOutcome,
} from '../../dispatch/cell.ts';
import { failureText, type FailureCode } from '../../cell/failure.ts';
import { BrinkError, toBrinkError } from '../../errors.ts';
import { heldBody } from '../../gateway/held-body.ts';
import type { EventSink } from '../../observe/events.ts';
import { requestIdOf } from '../../observe/trace.ts';

export interface StaticCellOptions {
  readonly version: LoadedVersion;
  /** What the host Worker was given for it. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Evaluates the function's main module; the platform does that once. */
  readonly main: () => Promise<{ readonly default?: unknown }>;
  readonly storage: InvocationStorage;
  readonly events: EventSink;
  readonly now: () => number;
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/** A cell that is no more than modules of the host Worker: no boundary, for accounts without Dynamic Workers. */
export class StaticCell implements Cell {
  readonly #options: StaticCellOptions;
  readonly #env: Record<string, unknown>;
  #state: CellState = 'starting';

  constructor(options: StaticCellOptions) {
    this.#options = options;
    this.#env = { ...options.secrets, ...options.version.manifest.vars };
  }

  get state(): CellState {
    return this.#state;
  }

  /** What runs here, the runtime does not tell of. */
  readonly inFlight = 0;
  readonly open = 0;
  readonly memory = null;

  watch(): void {}

  async start(): Promise<void> {
    await this.#handlers();
  }

  async fetch(request: Request, invocation: Invocation): Promise<Response> {
    const limit = this.#options.version.manifest.limits.deadline_ms - invocation.waited;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(this.#error('deadline-exceeded', `gave no response within ${limit} ms (limits.deadline_ms)`)), limit);
    });
    try {
      const { held } = invocation;
      const refused = Promise.withResolvers<never>();
      const whole = held ? request.body : null;
      const stream = whole && heldBody(whole, { to: held!, of: this.#name, refused: refused.reject });
      const init = stream && { body: stream as BodyInit, duplex: 'half' as const };
      const same = invocation.target === request.url && init === null;
      const seen = same ? request : new Request(invocation.target, init ? new Request(request, init) : request);
      const response = await Promise.race([this.#run('fetch', seen, invocation, []), deadline, refused.promise]);
      if (response instanceof Response && !response.bodyUsed) return response;
      throw this.#failed('response-invalid', new TypeError('The fetch handler returned no Response that nobody has read.'), invocation);
    } finally {
      clearTimeout(timer);
    }
  }

  async scheduled(event: ScheduledEvent, invocation: Invocation): Promise<ScheduledOutcome> {
    const open: Promise<unknown>[] = [];
    const { controller, noRetry } = scheduledController(event);
    await this.#run('scheduled', controller, invocation, open);
    for (let next = open.shift(); next !== undefined; next = open.shift()) await next;
    return { noRetry: noRetry() };
  }

  /** Its own `send_email` is not there for functions (`static.ts`), so that nothing could forward or answer. */
  email(): Promise<EmailOutcome> {
    return Promise.reject(new BrinkError('unsupported', `${this.#name} gets no mail on a host deployed with --static.`));
  }

  async queue(batch: QueueBatch, invocation: Invocation): Promise<QueueOutcome> {
    const open: Promise<unknown>[] = [];
    const said: number[] = [];
    try {
      await this.#run('queue', new Batch(batch, (index, code) => void said.push(index, code)), invocation, open);
      for (let next = open.shift(); next !== undefined; next = open.shift()) await next;
      return { said, failure: null };
    } catch (error) {
      return { said, failure: toBrinkError(error) };
    }
  }

  /** No function has a binding that would ask for it (`static.ts`). */
  rpc(): RpcRun {
    throw new BrinkError('unsupported', `${this.#name} is called by no other function on a host deployed with --static.`);
  }

  async drain(): Promise<void> {
    this.#state = 'stopped';
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
  }

  async #run(name: EventName, subject: unknown, invocation: Invocation, open: Promise<unknown>[]): Promise<unknown> {
    const handlers = await this.#handlers();
    const { storage, waitUntil } = this.#options;
    const { function: fn, version, alias, traceparent, url, clientAddress, principal } = invocation;
    const running = new Running(traceparent);
    if (name === 'fetch') running.request = subject as Request;
    const exception = this.#exception.bind(this);
    const deadline = name === 'fetch' ? this.#options.now() + this.#options.version.manifest.limits.deadline_ms - invocation.waited : null;
    const brink = { requestId: running.requestId, traceparent, url, clientAddress, function: fn, version, alias, principal, deadline };
    const context = new Context(brink, {
      waitUntil(promise) {
        const settled = promise.catch((error: unknown) => exception(error, running.requestId));
        open.push(settled);
        waitUntil(settled);
      },
    });
    try {
      return await storage.run(running, () => handlers.call(name, subject, this.#env, context));
    } catch (error) {
      throw this.#failed(failureCodeOf(error), error, invocation);
    }
  }

  async #handlers(): Promise<Handlers> {
    try {
      const handlers = handlersOf((await this.#options.main()).default);
      this.#state = 'ready';
      return handlers;
    } catch (cause) {
      this.#exception(cause, null);
      throw new BrinkError(
        'cell-start-failed',
        `Cannot start a cell for ${this.#name}. \`brink logs ${this.#options.version.function}\` says why.`,
        { cause },
      );
    }
  }

  #failed(code: FailureCode, error: unknown, { traceparent }: Invocation): BrinkError {
    if (code === 'handler-missing') return this.#error(code, 'has no such handler');
    this.#exception(error, requestIdOf(traceparent));
    return this.#error(code, failureText(code));
  }

  #exception(error: unknown, requestId: string | null): void {
    const { version, events, now } = this.#options;
    events({ type: 'exception', time: now(), function: version.function, version: version.number, ...thrownOf(error), requestId });
  }

  #error(code: FailureCode | 'deadline-exceeded', what: string): BrinkError {
    return new BrinkError(code, `${this.#name} ${what}.`);
  }

  get #name(): string {
    const { function: name, number } = this.#options.version;
    return `${name}@${number}`;
  }
}
