import { limitsOf } from '../../cell/limits.ts';
import { LogBudget } from '../../cell/log-budget.ts';
import type { LoadedVersion } from '../../dispatch/cell.ts';
import { BrinkError, type Code } from '../../errors.ts';
import type { CellEvent, ConsoleLevel, EventSink } from '../../observe/events.ts';
import { mapStack } from '../../observe/stack.ts';
import type { Artifact } from '../../registry/artifact.ts';
import type { Call } from './call.ts';
import type { ThrownError } from './frames.ts';

/** How many times what it may write is taken of a cell. */
const SLACK = 3;

export interface CellReportsOptions {
  readonly events: EventSink;
  readonly now: () => number;
}

/** What a cell tells of itself: its events, and the errors of those who called it. */
export class CellReports {
  readonly #version: LoadedVersion;
  readonly #options: CellReportsOptions;
  readonly #budget: LogBudget;
  /** With the source maps that stacks are read by. */
  modules: Artifact['modules'] | undefined;

  constructor(version: LoadedVersion, options: CellReportsOptions) {
    this.#version = version;
    this.#options = options;
    const limits = limitsOf(version.manifest);
    this.#budget = new LogBudget({
      // A cell keeps its budget itself; of one that does not, this much is taken.
      limits: () => ({ ...limits, log_lines_per_second: SLACK * limits.log_lines_per_second }),
      now: () => performance.now(),
      later: (tell) => void setTimeout(tell, 1_000).unref(),
      write: (text) => this.#options.events({ type: 'console', ...this.#about(), level: 'warn', message: text, requestId: null }),
    });
  }

  console(level: ConsoleLevel, message: string, requestId: string | null): void {
    if (!this.#budget.admits(undefined)) return;
    const text = level === 'error' ? this.#mapped(message) : message;
    this.#options.events({ type: 'console', ...this.#about(), level, message: text, requestId });
  }

  /** @param sure it is the failure of an invocation, of which there are no more than those */
  exception({ message, stack }: ThrownError, requestId: string | null, sure = false): void {
    if (!sure && !this.#budget.admits(undefined)) return;
    this.#options.events({ type: 'exception', ...this.#about(), message, stack: this.#mapped(stack), requestId });
  }

  changed(change: CellEvent['change'], reason: string | null): void {
    this.#options.events({ type: 'cell', ...this.#about(), change, reason });
  }

  error(code: Code, reason: string): BrinkError {
    return new BrinkError(code, `${this.#name} could not finish this: ${reason}.`);
  }

  startFailed(cause: unknown): BrinkError {
    const { function: name } = this.#version;
    return new BrinkError('cell-start-failed', `Cannot start a cell for ${this.#name}. \`brink logs ${name}\` says why.`, { cause });
  }

  deadlineExceeded({ limit: left, invocation }: Call): BrinkError {
    const { ms: limit, why } = left!;
    const what = invocation.trigger === 'queue' ? 'did not end' : 'gave no response';
    return new BrinkError('deadline-exceeded', `${this.#name} ${what} within ${limit} ms (${why}).`, { details: { limit } });
  }

  get #name(): string {
    return `${this.#version.function}@${this.#version.number}`;
  }

  #about(): { time: number; function: string; version: number } {
    return { time: this.#options.now(), function: this.#version.function, version: this.#version.number };
  }

  #mapped(stack: string): string {
    return this.modules ? mapStack(stack, this.modules) : stack;
  }
}
