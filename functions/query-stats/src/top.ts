import type { KVNamespace } from '../../../sdk/index.ts';

export interface Counted {
  readonly query: string;
  readonly count: number;
}

const PLACES = 10;

/**
 * Sees to it that the ten most frequent queries are right about this one, when it has been counted.
 *
 * They lie in one entry, so that one read gives them however many queries there are. Counts only grow: a query that belongs
 * there at the end is offered with its last count, by whoever counted it last, and nothing can push it out afterwards.
 *
 * Who writes takes up what all of the ten have been counted by then. So of a hundred that come together one writes, and the
 * others, who lose the compare-and-set to it, find that their query is there already.
 */
export async function enter(stats: KVNamespace, counted: Counted): Promise<void> {
  for (;;) {
    const { value, revision } = await stats.getWithRevision<Counted[]>('top', 'json');
    const top = value ?? [];
    if (isSettled(top, counted)) return;
    const next = await recount(stats, [...new Set([...top.map(({ query }) => query), counted.query])]);
    try {
      await stats.put('top', JSON.stringify(next), { ifRevision: revision });
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'conflict') throw error;
    }
  }
}

function isSettled(top: readonly Counted[], { query, count }: Counted): boolean {
  const listed = top.find((each) => each.query === query);
  if (listed) return listed.count >= count;
  return top.length === PLACES && before(top[PLACES - 1]!, { query, count }) < 0;
}

async function recount(stats: KVNamespace, queries: readonly string[]): Promise<Counted[]> {
  const counts = await stats.get(queries.map((query) => `count/${query}`));
  return queries
    .map((query) => ({ query, count: Number(counts.get(`count/${query}`)) }))
    .sort(before)
    .slice(0, PLACES);
}

/** The more frequent first, and of equals the first in the alphabet, so that there is one order. */
function before(a: Counted, b: Counted): number {
  return b.count - a.count || (a.query < b.query ? -1 : 1);
}
