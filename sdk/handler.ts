import type { BrinkContext } from './context.ts';
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

  /** Runs when `brink invoke --scheduled` asks for it, and on Cloudflare at the times of `triggers.crons`. */
  scheduled?(controller: ScheduledController, env: Env, ctx: ExecutionContext): void | Promise<void>;

  /**
   * Takes messages of the queues that `queues.consumers` names. It is to end, with its `waitUntil` work, within
   * `limits.deadline_ms`.
   */
  queue?(batch: MessageBatch, env: Env, ctx: ExecutionContext): void | Promise<void>;
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

  /** What the host knows of the invocation. */
  readonly brink: BrinkContext;
}

/** Why a `scheduled` handler runs. */
export interface ScheduledController {
  /** The cron expression that came due, as the manifest has it. */
  readonly cron: string;

  /** When it was due, in milliseconds since the epoch. */
  readonly scheduledTime: number;

  /** Says that this run need not be tried again if it fails. */
  noRetry(): void;
}
