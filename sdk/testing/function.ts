import { entrypointsOf, type Entrypoints, type Handlers, type Rpc } from '../../host/cell/handlers.ts';
import { Batch } from '../../host/bindings/queues/batch.ts';
import { Context } from '../../host/cell/context.ts';
import { incomingEmail } from '../../host/cell/email.ts';
import { scheduledController } from '../../host/cell/scheduled.ts';
import type { Call } from '../../host/bindings/binding.ts';
import type { EmailEvent, EmailOutcome, HandlerName, QueueBatch, ScheduledEvent, ScheduledOutcome } from '../../host/dispatch/cell.ts';
import { nextTraceparent, requestIdOf } from '../../host/observe/trace.ts';
import { Invocation, outsideOfAny, type InvocationOptions } from './invocation.ts';

export interface FunctionOptions extends Pick<InvocationOptions, 'world' | 'failed'> {
  readonly name: string;
  readonly env: object;
  /** What `handler` of the options gave. */
  readonly main: object | undefined;
}

/** Which entrypoint is called, and what the service binding says of the call. */
export interface CalledAs {
  readonly entrypoint?: string | null;
  readonly props?: Readonly<Record<string, unknown>>;
}

/** What a `queue` handler did: its words, as `wordsOn` reads them, and what it threw. */
export interface Handled {
  readonly said: readonly number[];
  readonly errors: readonly unknown[];
}

interface Begun {
  readonly invocation: Invocation;
  readonly context: Context;
  readonly handlers: Handlers;
}

/** The function that is tested: its handlers, and what runs of them. */
export class TestFunction {
  /** For code of the test itself. */
  readonly outside: Invocation;
  readonly ctx: Context;
  readonly #options: FunctionOptions;
  readonly #entrypoints: Entrypoints | undefined;
  readonly #all = new Set<Invocation>();
  /** Those that the clock began, until they have ended. */
  readonly #begun = new Set<Invocation>();
  #blocked = Promise.withResolvers<void>();

  constructor(options: FunctionOptions) {
    this.#options = options;
    this.#entrypoints = options.main && entrypointsOf(moduleOf(options.main));
    this.outside = this.#invocation();
    this.ctx = this.#context(this.outside, 'http://localhost/', {});
  }

  /** Whether it has this handler. */
  has(name: HandlerName): boolean {
    return this.#entrypoints?.names.includes(name) === true;
  }

  /** Whether it has any. */
  get there(): boolean {
    return this.#entrypoints !== undefined;
  }

  async fetch(request: Request, as: CalledAs = {}): Promise<Response> {
    const { invocation, context, handlers } = this.#begin(request.url, as);
    try {
      const response = await invocation.run(async () => handlers.call('fetch', request, this.#options.env, context));
      return checked(response, invocation);
    } finally {
      invocation.release();
    }
  }

  /** Waits for its `waitUntil` work too. */
  async scheduled(event: ScheduledEvent): Promise<ScheduledOutcome> {
    const { controller, noRetry } = scheduledController(event);
    await this.#event((handlers, context) => handlers.call('scheduled', controller, this.#options.env, context));
    return { noRetry: noRetry() };
  }

  /** The same. @param call what the message is forwarded and answered by */
  async email(event: EmailEvent, call: Call): Promise<EmailOutcome> {
    const { message, rejected } = incomingEmail(event, call);
    await this.#event((handlers, context) => handlers.call('email', message, this.#options.env, context));
    return { rejected: rejected() };
  }

  /** As `scheduled`; what it throws, and its `waitUntil` work, is in what it gives. */
  async queue(batch: QueueBatch): Promise<Handled> {
    const said: number[] = [];
    const errors: unknown[] = [];
    const failed = (error: unknown) => void errors.push(error);
    const messages = new Batch(batch, (index, code) => void said.push(index, code));
    await this.#event((handlers, context) => handlers.call('queue', messages, this.#options.env, context), failed).catch(failed);
    return { said, errors };
  }

  /** Gives what the method gives, before it has settled. @throws as the method */
  rpc(rpc: Rpc, { as, during }: { as: CalledAs; during: Promise<void> }): unknown {
    const { invocation, context, handlers } = this.#begin('', as);
    void during.then(() => invocation.release());
    return invocation.run(() => handlers.rpc(rpc, this.#options.env, context));
  }

  /** Resolves when what the clock began has ended, or waits for a lock. */
  async quiet(): Promise<void> {
    await this.#until(() => [...this.#begun].filter(({ blocked }) => !blocked));
  }

  /** The same of `waitUntil` work. */
  async idle(): Promise<void> {
    await this.#until(() => [...this.#all].filter((each) => each.works && !each.blocked));
  }

  /** Breaks everything off. */
  stop(): void {
    for (const each of this.#all) each.end();
  }

  async #until(waitedFor: () => Invocation[]): Promise<void> {
    for (;;) {
      // What needs no time comes to its end meanwhile.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      const [first] = waitedFor();
      if (first === undefined) return;
      await Promise.race([first.works ? first.idle : first.ended, this.#blocked.promise]);
    }
  }

  async #event(run: (handlers: Handlers, context: Context) => unknown, failed?: (error: unknown) => void): Promise<void> {
    const { invocation, context, handlers } = outsideOfAny(() => this.#begin('', {}, failed));
    this.#begun.add(invocation);
    try {
      // It may be broken off, and never give anything.
      await Promise.race([invocation.run(async () => run(handlers, context)), invocation.ended]);
    } finally {
      invocation.release();
      await invocation.ended;
      this.#begun.delete(invocation);
    }
  }

  #begin(url: string, as: CalledAs, failed?: (error: unknown) => void): Begun {
    if (this.#entrypoints === undefined)
      throw new TypeError(
        'This test env has no handler. Give it one: createTestEnv({ handler }), where handler is the default export of the main module.',
      );
    if (this.outside.over) throw new Error('This test env is closed.');
    const invocation = this.#invocation(failed);
    return { invocation, context: this.#context(invocation, url, as), handlers: this.#entrypoints.of(as.entrypoint ?? null) };
  }

  #invocation(failed = this.#options.failed): Invocation {
    const { world } = this.#options;
    const invocation = new Invocation({
      world,
      failed,
      waits: () => {
        this.#blocked.resolve();
        this.#blocked = Promise.withResolvers();
      },
    });
    this.#all.add(invocation);
    void invocation.ended.then(() => this.#all.delete(invocation));
    return invocation;
  }

  #context(invocation: Invocation, url: string, { props }: CalledAs): Context {
    const traceparent = nextTraceparent(null, Math.random);
    const place = { function: this.#options.name, version: 1, alias: 'live' };
    const brink = {
      requestId: requestIdOf(traceparent),
      traceparent,
      url,
      clientAddress: '127.0.0.1',
      principal: null,
      deadline: null,
      ...place,
    };
    return new Context(brink, { waitUntil: (promise) => invocation.keep(promise), props });
  }
}

/** The default export is a module of its own; all of a module tells what it is. */
function moduleOf(main: object): Record<string, unknown> {
  return Object.prototype.toString.call(main) === '[object Module]' ? (main as Record<string, unknown>) : { default: main };
}

/** The response, whose body is part of its invocation. @throws {TypeError} in the words of a host */
function checked(response: unknown, invocation: Invocation): Response {
  if (!(response instanceof Response) || response.type === 'error')
    throw new TypeError(
      `The fetch handler returned ${response === undefined ? 'nothing' : 'something that is no usable Response'}. It must return a Response.`,
    );
  if (response.bodyUsed)
    throw new TypeError('The fetch handler returned a Response whose body has been read already. Return a clone() of it.');
  if (response.body === null) return response;
  const { status, statusText, headers, url } = response;
  const body = invocation.watch(response.body as ReadableStream<Uint8Array>, { over: invocation.open() });
  const whole = new Response(body as BodyInit, { status, statusText, headers });
  return url === '' ? whole : Object.defineProperty(whole, 'url', { value: url, configurable: true });
}
