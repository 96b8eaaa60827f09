// oxlint-disable-next-line typescript/triple-slash-reference -- for `await using`, whatever the author's config says of it
/// <reference lib="esnext.disposable" preserve="true" />
import type { ExecutionContext } from '../handler.ts';
import type { QueueContentType } from '../queue.ts';

/** What a test says of its function. Without any of it there is an env of nothing. */
export interface TestEnvOptions {
  /**
   * The function's `brink.toml`, `wrangler.toml`, `wrangler.json` or `wrangler.jsonc`, or the folder that has it; or the same
   * keys as an object, of which none is needed.
   */
  readonly config?: string | URL | Readonly<Record<string, unknown>>;
  /** Which environment of the config is meant (`[env.NAME]`); none by default. */
  readonly environment?: string;
  /** Bindings beside those of the config: what kind each name of `env` is. */
  readonly bindings?: Readonly<Record<string, BindingKindName | RateLimitBinding>>;
  /** Vars over those of the config. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Secrets by name. Each that the config requires has to be there. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What the service bindings of the config lead to, by the name in `env`. One that the config has not is bound as well. */
  readonly services?: Readonly<Record<string, ServiceDouble>>;
  /**
   * The default export of the function's main module; or all of the module (`import * as main`), where it has entrypoints
   * with names; or a promise of either, such as `import('../src/index.ts')`. Without it only the bindings can be used.
   */
  readonly handler?: object | Promise<object>;
  /** When the test begins: a `Date`, milliseconds since the epoch, or text that `Date` reads. The real time by default. */
  readonly now?: Date | number | string;
  /**
   * Whether `Date` tells the time of this clock, everywhere in the process, until the env is closed. By default it does
   * not: `Date.now()` of a handler is the real time. Only one env at a time can have it.
   */
  readonly patchDate?: boolean;
}

/**
 * What `bindings` can make, as the manifest calls it. A `queue` is one of the name in lower case, `JOBS` the queue `jobs`; where
 * the handler takes messages, it gets them, as by an item of `queues.consumers` that says no more.
 */
export type BindingKindName = 'kv' | 'locks' | 'd1' | 'r2' | 'queue' | 'schedules';

export interface RateLimitBinding {
  readonly kind: 'ratelimit';
  readonly limit: number;
  /** Seconds. */
  readonly period: 10 | 60;
}

/**
 * What a service binding leads to: another function's test env, whose handlers are then called; or an object with a
 * `fetch(request)`, and with methods for RPC. What passes is what passes between functions: structured clones, streams, stubs
 * of functions and of objects that extend `RpcTarget`.
 */
export type ServiceDouble = TestEnv<never> | object;

/** As `ScheduledController`. */
export interface TestScheduledEvent {
  readonly cron?: string;
  readonly scheduledTime?: Date | number;
  readonly id?: string;
  readonly attempt?: number;
  /** What JSON has. */
  readonly payload?: unknown;
}

/** A message for `queue()`. */
export interface TestMessage {
  readonly body: unknown;
  /** 32 random hex digits by default. */
  readonly id?: string;
  /** 1 by default. */
  readonly attempts?: number;
  /** This time by default. */
  readonly timestamp?: Date | number;
  /** How the body goes; `v8` by default, which takes what structured clone takes. */
  readonly contentType?: QueueContentType;
}

/** A message for `email()`. */
export interface TestMail {
  /** None by default, as with a notice of a failure. */
  readonly from?: string;
  readonly to: string;
  /** Headers and body; lines of a text may end as they like. */
  readonly raw: string | Uint8Array;
}

/** A message that the function has sent, forwarded or answered. */
export interface SentMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As its header has it; null where there is none. */
  readonly subject: string | null;
  readonly raw: string;
}

/** What became of a batch. */
export interface TestBatchOutcome {
  /** What the handler and its `waitUntil` work threw; messages that nothing was said of are then retried. */
  readonly errors: readonly unknown[];
  /** In the order in which they were given. */
  readonly messages: readonly {
    readonly id: string;
    readonly outcome: 'ack' | 'retry';
    /** Where `retry()` was given one. */
    readonly delaySeconds?: number;
  }[];
}

export interface WaitingMessage {
  readonly id: string;
  readonly body: unknown;
  /** When it was sent. */
  readonly timestamp: Date;
  /** How often it has been delivered. */
  readonly attempts: number;
}

/** A time that stands still until it is told to move. What has an effect later waits for it: expiry, locks, messages, schedules. */
export interface TestClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Lets time pass: milliseconds, or text such as "90s", "5m" or "1h30m". Stops at each time when something is due, has it
   * done, and goes on once the handlers that run have ended (those that wait for a lock excepted, which may need more time).
   *
   * @throws {RangeError} for what is no such duration
   * @throws what a `scheduled` handler or `waitUntil` work threw meanwhile; an AggregateError where there are several
   */
  advance(duration: number | string): Promise<void>;
  /**
   * Goes on until then, as `advance`; or, where that is earlier, puts the clock back, which has nothing done.
   *
   * @throws as `advance`
   */
  set(time: Date | number | string): Promise<void>;
  /**
   * The same without a stop on the way, as if every host had stood still meanwhile: what came due is found late, and is
   * done then.
   *
   * @throws as `advance`
   */
  jump(duration: number | string): Promise<void>;
}

/**
 * A function's bindings in memory, and the ways to call it. They are those of the host, with the same code; only time stands
 * still. Nothing happens by itself: what is due happens in `clock.advance()`, `clock.set()` and `settle()`.
 */
export interface TestEnv<Env = Record<string, unknown>> extends AsyncDisposable {
  /** What the function finds in its `env`. The test may use it as well. */
  readonly env: Env;
  /** For handlers that the test calls itself: `handler.fetch(request, env, ctx)`. */
  readonly ctx: ExecutionContext;
  readonly clock: TestClock;
  /** What `caches` is to the function; it is also the global where the runtime has none. */
  readonly caches: { readonly default: Cache; open(name: string): Promise<Cache> };

  /**
   * Calls the `fetch` handler, by the URL given or a path at `http://localhost`. Redirects are not followed. As in a host, the
   * invocation ends when the response's body has been read or cancelled and its `waitUntil` work is over, and with it the
   * locks that it holds.
   *
   * @throws what the handler throws, which a host would answer with status 500
   * @throws {TypeError} where it gives no usable Response
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

  /**
   * Calls the `scheduled` handler now, and waits for its `waitUntil` work. By default the expression is the first of
   * `triggers.crons`, and the time that of the clock.
   *
   * @throws what they throw
   */
  scheduled(event?: TestScheduledEvent): Promise<{ readonly noRetry: boolean }>;

  /**
   * Calls the `queue` handler with a batch of these messages now, and waits for its `waitUntil` work. They are delivered once,
   * and lie in no queue; what is sent by `env.NAME.send()` is delivered by the clock.
   */
  queue(name: string, messages: readonly TestMessage[]): Promise<TestBatchOutcome>;

  /**
   * Calls the `email` handler with this message now, and waits for its `waitUntil` work.
   *
   * @throws what they throw, where a host would have the sender try again
   */
  email(mail: TestMail): Promise<{ readonly rejected: string | null }>;

  /** What the function has sent, the newest 200, the oldest of them first. */
  mails(): Promise<SentMail[]>;

  /** What lies in a queue, by its name, in the order in which it is or becomes ready: what waits, and what a handler has just now. */
  messages(queue: string): Promise<WaitingMessage[]>;

  /** What `queue` handlers and their `waitUntil` work threw, the oldest first, where the clock called them: their messages are retried. */
  readonly retried: readonly unknown[];

  /**
   * Has done what is due at this time, and waits until all `waitUntil` work is over.
   *
   * @throws what that work, or a `scheduled` handler, threw since; an AggregateError where there are several
   */
  settle(): Promise<void>;

  /** Ends what goes on, and frees everything. The env is of no use then. */
  close(): Promise<void>;
}
