import type { Manifest } from '../registry/manifest.ts';

/** What one invocation or cell may use, as its manifest says it, or as is usual. */
export interface Limits {
  /** CPU time of one invocation, in ms; see `cpu-shares.ts` of the Node engine for what is counted. */
  readonly cpu_ms: number;
  /** Of a cell's JavaScript heap, as much of its ArrayBuffers, and as much of each of its WebAssembly memories, in MB. */
  readonly memory_mb: number;
  /** Of one invocation: calls of `fetch` and of bindings. */
  readonly subrequests: number;
  /** Of one invocation: `fetch` calls that wait for the head of their response. */
  readonly connections: number;
  /** Infinity where there is no limit. */
  readonly request_body_mb: number;
  /** Infinity where there is no limit. */
  readonly response_body_mb: number;
  /** Of one invocation, to the log. */
  readonly log_lines: number;
  /** Of one cell. */
  readonly log_lines_per_second: number;
}

/** Those of a manifest that says nothing: Workers', where Workers has them. https://developers.cloudflare.com/workers/platform/limits/ */
export const DEFAULT_LIMITS: Limits = {
  cpu_ms: 30_000,
  memory_mb: 128,
  subrequests: 10_000,
  connections: 6,
  request_body_mb: Infinity,
  response_body_mb: Infinity,
  log_lines: 1_000,
  log_lines_per_second: 1_000,
};

export function limitsOf({ limits }: Pick<Manifest, 'limits'>): Limits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) };
}
