import type { Budgets } from './budgets.ts';
import type { CpuBudgets } from './cpu-budgets.ts';
import { SHARED, type PoolLimits } from './settings.ts';
import type { VersionCells } from './version-cells.ts';

/** What a class of cells has of the host now. */
export interface ClassView {
  readonly name: string;
  readonly cells: number;
  /** Calls under way. */
  readonly calls: number;
  readonly waiting: number;
  /** In bytes; null where it has no part of its own, and takes what `shared` has. */
  readonly memory: { readonly limit: number; readonly used: number } | null;
  /** In cores; null where it has no budget. `used`: over the last seconds. */
  readonly cpu: { readonly limit: number; readonly used: number; readonly heldBack: boolean } | null;
}

export interface ClassesOptions {
  readonly limits: PoolLimits;
  readonly budgets: Budgets;
  readonly cpu: CpuBudgets | null;
}

export function classesOf(versions: Iterable<VersionCells>, { limits, budgets, cpu }: ClassesOptions): ClassView[] {
  const { memory } = limits;
  const names = new Set([SHARED, ...Object.keys(memory?.classes ?? {}), ...Object.keys(limits.cpu ?? {})]);
  const members = Map.groupBy(versions, ({ scaling }) => budgets.classOf(scaling.class));
  return [...names].map((name) => {
    const own = members.get(name) ?? [];
    const budget = cpu?.of(name) ?? null;
    return {
      name,
      cells: sum(own, ({ cells }) => cells.length),
      calls: sum(own, ({ calls }) => calls),
      waiting: sum(own, ({ waiting }) => waiting),
      memory:
        memory !== null && (name === SHARED || budgets.hasMemory(name))
          ? { limit: budgets.limitOf(name), used: budgets.takenOf(name) }
          : null,
      cpu: budget && { limit: budget.cores, used: Math.round(budget.load * 1_000) / 1_000, heldBack: budget.holds },
    };
  });
}

function sum(versions: readonly VersionCells[], of: (own: VersionCells) => number): number {
  return versions.reduce((total, own) => total + of(own), 0);
}
