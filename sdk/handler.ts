import type { BrinkContext } from './context.ts';
import type { ForwardableEmailMessage } from './email.ts';
import type { MessageBatch } from './queue.ts';

/**
 * What a function's main module exports as default. Each handler is optional; one must be there.
 * `Env` is what the manifest names: its `vars` and its bindings, each under its name.
 *
 * The shape is that of Workers: https://developers.cloudflare.com/workers/runtime-apis/handlers/
 *
 * @example
 * ```ts
 * export default {
 *   fetch: (request, env) => new Response(`${env.GREETING} from ${new URL(request.url).pathname}`),
 * } satisfies ExportedHandler<{ GREETING: string }>;
 * ```
 */
export interface ExportedHandler<Env = Record<string, never>> {
  /**
   * Answers a request. `request.signal` is aborted when the client has gone or the deadline (`limits.deadline_ms`,
   * 30 seconds by default) has passed. What it throws is logged, and answered with status 500.
   */
  fetch?(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response>;

  /**
   * Runs at the times of the manifest's `triggers.crons` and `schedules`, for what `env` of a `schedules` binding has made,
   * and when `brink invoke --scheduled` asks for it. Its work is over when what it returns and what it gave to
   * `ctx.waitUntil()` has settled. What it throws is logged; the run is not tried again.
   */
  scheduled?(controller: ScheduledController, env: Env, ctx: ExecutionContext): void | Promise<void>;

  /**
   * Takes messages of the queues that `queues.consumers` names. It is to end, with its `waitUntil` work, within
   * `limits.deadline_ms`.
   */
  queue?(batch: MessageBatch, env: Env, ctx: ExecutionContext): void | Promise<void>;

  /**
   * Takes a message to one of the addresses that `email.addresses` names, once for each recipient. It is to end, with its
   * `waitUntil` work, within `limits.deadline_ms`: only then the sender hears that it was taken. What it throws is logged,
   * and the sender is told to try again later.
   */
  email?(message: ForwardableEmailMessage, env: Env, ctx: ExecutionContext): void | Promise<void>;
}

/** One invocation of a handler. */
export interface ExecutionContext {
  /**
   * Keeps the invocation alive until `promise` has settled, also after the response has been sent. What it is rejected
   * with is logged.
   */
  waitUntil(promise: Promise<unknown>): void;

  /** Does nothing here: a function has no origin behind it that could answer instead. It is there for Workers' sake. */
  passThroughOnException(): void;

  /** What the service binding says that called (`services.props`); empty where none has. */
  readonly props: Readonly<Record<string, unknown>>;

  /** What the host knows of the invocation. */
  readonly brink: BrinkContext;
}

/** Why a `scheduled` handler runs. */
export interface ScheduledController {
  /** The cron expression that came due, as it was written; empty where a time or an interval did. */
  readonly cron: string;

  /** When it was due, in milliseconds since the epoch, whenever it runs: together with `id`, it names this run. */
  readonly scheduledTime: number;

  /**
   * Which schedule came due: its name where the manifest declares it (the expression, for one of `triggers.crons`), its id
   * where the function made it; null for `brink invoke --scheduled`.
   */
  readonly id: string | null;

  /** 1, and one more each time that the host which ran this due time crashed before the handler had come to its end. */
  readonly attempt: number;

  /** What the schedule was given to bring along, as JSON has it; undefined where it was given nothing. */
  readonly payload?: unknown;

  /** Does nothing here: no run that fails is tried again. It is there for Workers' sake. */
  noRetry(): void;
}
