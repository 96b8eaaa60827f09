import type { LoadedVersion } from '../../dispatch/cell.ts';
import { BrinkError, type Code } from '../../errors.ts';
import type { CellEvent, ConsoleLevel, EventSink } from '../../observe/events.ts';
import { mapStack } from '../../observe/stack.ts';
import type { Artifact } from '../../registry/artifact.ts';
import type { Call } from './call.ts';
import type { ThrownError } from './frames.ts';

export interface CellReportsOptions {
  readonly events: EventSink;
  readonly now: () => number;
}

/** What a cell tells of itself: its events, and the errors of those who called it. */
export class CellReports {
  readonly #version: LoadedVersion;
  readonly #options: CellReportsOptions;
  /** With the source maps that stacks are read by. */
  modules: Artifact['modules'] | undefined;

  constructor(version: LoadedVersion, options: CellReportsOptions) {
    this.#version = version;
    this.#options = options;
  }

  console(level: ConsoleLevel, message: string, requestId: string | null): void {
    const text = level === 'error' ? this.#mapped(message) : message;
    this.#options.events({ type: 'console', ...this.#about(), level, message: text, requestId });
  }

  exception({ message, stack }: ThrownError, requestId: string | null): void {
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
