import type { EventSink } from '../../observe/events.ts';
import { CpuBudget } from './cpu-budget.ts';

export interface CpuBudgetsOptions {
  /** Cores of each class that has a budget. */
  readonly cores: Readonly<Record<string, number>>;
  readonly events: EventSink;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ms by a clock that nobody sets. */
  readonly clock: () => number;
}

/** How often the budgets fill and are looked at, in ms: as often as a cell that is busy is asked what it has used. */
export const CPU_LOOK = 50;

/** The classes of a host that may use so much CPU time. */
export class CpuBudgets {
  readonly #options: CpuBudgetsOptions;
  readonly #budgets: ReadonlyMap<string, CpuBudget>;
  #looked: number;

  constructor(options: CpuBudgetsOptions) {
    this.#options = options;
    this.#looked = options.clock();
    this.#budgets = new Map(Object.entries(options.cores).map(([name, cores]) => [name, new CpuBudget(name, cores)]));
  }

  /** null where a class may use what it gets. */
  of(name: string): CpuBudget | null {
    return this.#budgets.get(name) ?? null;
  }

  /** Whether calls may begin that have waited. */
  look(): boolean {
    const time = this.#options.clock();
    const passed = time - this.#looked;
    if (passed <= 0) return false;
    this.#looked = time;
    let some = false;
    for (const budget of this.#budgets.values()) {
      const change = budget.look(time, passed);
      if (change !== null) this.#tell(budget);
      some ||= budget.waiting > 0 && budget.admits;
    }
    return some;
  }

  #tell(budget: CpuBudget): void {
    const { name, cores, holds, late } = budget;
    const message = holds
      ? `Cells of the class "${name}" have used the CPU time of their ${coresText(cores)}: calls of its functions wait.`
      : `Cells of the class "${name}" have CPU time again: calls of its functions begin at once; ${late} had to wait.`;
    if (!holds) budget.late = 0;
    this.#options.events({ type: 'host', time: this.#options.now(), function: '*', version: 0, level: holds ? 'warn' : 'info', message });
  }
}

export function coresText(cores: number): string {
  return cores === 1 ? '1 core' : `${cores} cores`;
}
