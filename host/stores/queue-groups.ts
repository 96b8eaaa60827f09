import { isBefore, type Row } from './queue-front.ts';
import { nextOf, type Line } from './queue-rows.ts';
import type { Sql } from './sql.ts';

export interface OfQueue {
  readonly sql: Sql;
  readonly queue: string;
  readonly line: Line;
}

/** After a change of these rows: the first of each of their groups enters the front, where nobody has it. */
export function enterFirsts({ sql, queue, line }: OfQueue, rows: readonly Row[]): void {
  let groups: Set<string> | undefined;
  for (const { group } of rows) if (group !== null) (groups ??= new Set()).add(group);
  if (groups === undefined) return;
  for (const group of groups) {
    const first = nextOf(sql, queue, { group, seq: -1 });
    if (first !== undefined && !isLeased(line, first) && !line.front.has(first)) line.front.add(first);
  }
}

export interface Together {
  readonly rows: readonly Row[];
  /** So many of them are the first of the front. */
  readonly heads: number;
}

/**
 * Those that one lease may have: what is ready in the front, and what follows that in its groups and in the order of all. They
 * end before one whose id is among them already: that is for another lease, as else the one would hide the other.
 */
export function together({ sql, queue, line }: OfQueue, { limit, time }: { readonly limit: number; readonly time: number }): Together {
  const rows: Row[] = [];
  const ids = new Set<string>();
  // What could be next of each group that it has something of.
  const following: Row[] = [];
  let heads = 0;
  while (rows.length < limit) {
    const [next] = following;
    const head = line.front.at(heads);
    const row = next !== undefined && (head === undefined || isBefore(next, head)) ? next : head;
    if (row === undefined || row.due > time || ids.has(row.id)) break;
    if (row === next) following.shift();
    else heads++;
    rows.push(row);
    ids.add(row.id);
    const { group, seq } = row;
    const after = group === null ? undefined : nextOf(sql, queue, { group, seq });
    if (after === undefined || isBefore(after, row) || isLeased(line, after)) continue;
    const at = following.findIndex((each) => isBefore(after, each));
    following.splice(at === -1 ? following.length : at, 0, after);
  }
  return { rows, heads };
}

function isLeased({ leases }: Line, { id, seq }: Row): boolean {
  for (const { rows } of leases.values()) if (rows.get(id)?.seq === seq) return true;
  return false;
}
