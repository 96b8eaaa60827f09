import { byBytes } from '../../stores/order.ts';
import type { Marks } from './marks.ts';

export interface Listed<Item> {
  readonly items: readonly { readonly key: string; readonly item: Item }[];
  readonly more: boolean;
}

export interface MergeOptions<Item> {
  /** What really is there behind a key. */
  readonly real: (after: string | undefined) => Promise<Listed<Item>>;
  /** What the shadow has written. */
  readonly own: (after: string | undefined) => Promise<Listed<Item>>;
  readonly marks: Marks;
  readonly prefix: string;
  readonly after: string | undefined;
  readonly limit: number;
}

export interface Merged<Item> extends Listed<Item> {
  /** Where it goes on; undefined at the end. */
  readonly next: string | undefined;
}

/** A page of what a shadow sees: what is really there, but for what it has written or removed itself. It may be empty, and go on. */
export async function merged<Item>({ real, own, marks, prefix, after, limit }: MergeOptions<Item>): Promise<Merged<Item>> {
  const [there, written, marked] = await Promise.all([real(after), own(after), marks.list({ prefix, after, limit: 1_000 })]);
  // Behind the end of a page that has more, nothing is known.
  const ends = [
    ...(there.more ? [there.items.at(-1)?.key] : []),
    ...(written.more ? [written.items.at(-1)?.key] : []),
    ...(marked.more ? [marked.names.at(-1)] : []),
  ].filter((key) => key !== undefined);
  const horizon = ends.toSorted(byBytes)[0];
  const names = new Set(marked.names);
  const found = [...there.items.filter(({ key }) => !names.has(key)), ...written.items]
    .filter(({ key }) => horizon === undefined || byBytes(key, horizon) <= 0)
    .toSorted((a, b) => byBytes(a.key, b.key));
  const items = found.slice(0, limit);
  const next = found.length > limit ? items.at(-1)!.key : horizon;
  return { items, more: next !== undefined, next };
}
