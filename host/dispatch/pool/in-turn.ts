import type { VersionCells } from './version-cells.ts';

/**
 * The versions with calls that wait, in the order in which they get what comes free: the function that has the fewest calls
 * first. Among those of a class with a budget of CPU time it is the one that has used the least.
 */
export function inTurn(waiting: Iterable<VersionCells>): VersionCells[] {
  const order: VersionCells[] = [];
  let limited = false;
  for (const own of waiting) {
    if (own.cpu !== null && !own.cpu.admits) continue;
    order.push(own);
    limited ||= own.cpu !== null;
  }
  order.sort((a, b) => a.holder.calls - b.holder.calls);
  return limited ? byUse(order) : order;
}

/** A class keeps the turns that its functions have among all others; which of them has which is said by what they have used. */
function byUse(order: readonly VersionCells[]): VersionCells[] {
  const members = Map.groupBy(order, ({ cpu }) => cpu);
  for (const [cpu, own] of members) if (cpu !== null) own.sort((a, b) => cpu.shareOf(a.holder) - cpu.shareOf(b.holder));
  return order.map((own) => (own.cpu === null ? own : members.get(own.cpu)!.shift()!));
}
