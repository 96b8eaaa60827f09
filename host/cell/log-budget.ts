import type { Running } from './invocation.ts';
import type { Limits } from './limits.ts';

export interface LogBudgetOptions {
  readonly limits: () => Pick<Limits, 'log_lines' | 'log_lines_per_second'>;
  /** In ms. */
  readonly now: () => number;
  /** Calls `tell` in a second, where the invocation that runs lets it. */
  readonly later: (tell: () => void) => void;
  /** Takes the line that says what was dropped. */
  readonly write: (message: string) => void;
}

/** Characters of all lines of one second. */
export const MAX_CHARACTERS = 4_000_000;
const SECOND = 1_000;

/** How much a cell, and one invocation of it, may write to the log: what is more is dropped, and a line says how much that was. */
export class LogBudget {
  readonly #options: LogBudgetOptions;
  #since = -Infinity;
  #lines = 0;
  #characters = 0;
  #dropped = 0;
  #telling = false;

  constructor(options: LogBudgetOptions) {
    this.#options = options;
  }

  /** Whether one more line may be written: asked before its text is made, since that is the work. */
  admits(running: Running | undefined): boolean {
    const { log_lines: most, log_lines_per_second: perSecond } = this.#options.limits();
    const now = this.#options.now();
    if (now - this.#since >= SECOND) {
      this.#since = now;
      this.#lines = this.#characters = 0;
    }
    if ((running === undefined || ++running.lines <= most) && ++this.#lines <= perSecond) return true;
    return this.#drop();
  }

  /** Whether it may be so long. */
  fits(characters: number): boolean {
    this.#characters += characters;
    return this.#characters <= MAX_CHARACTERS || this.#drop();
  }

  #drop(): false {
    this.#dropped++;
    if (!this.#telling) {
      this.#telling = true;
      try {
        this.#options.later(this.#tell);
      } catch {
        // Where there is no way to wait, the next one that is dropped tries again.
        this.#telling = false;
      }
    }
    return false;
  }

  #tell = (): void => {
    const { log_lines: most, log_lines_per_second: perSecond } = this.#options.limits();
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#telling = false;
    const lines = dropped === 1 ? '1 line was' : `${dropped} lines were`;
    this.#options.write(
      `${lines} left out of the log: one invocation may write ${most} (limits.log_lines), one cell ${perSecond} a second (limits.log_lines_per_second), and ${MAX_CHARACTERS} characters.`,
    );
  };
}
