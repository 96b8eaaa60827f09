import { interfaceName } from '../describe/interface-name.ts';
import type { Item } from '../link/items.ts';
import type { World } from '../link/link.ts';

/** A type that has a name in WIT. */
export interface NamedType {
  /** Among the schemas: `Parcel`, or `QuotesParcel` where another is called so. */
  readonly name: string;
  /** Own name of the interface that defines it. */
  readonly interface: string;
  readonly label: string;
}

/** Those that WIT makes by their name alone; any other is equal to one that is written out. */
const NAMED: ReadonlySet<string> = new Set(['record', 'variant', 'enum', 'flags']);

/** The named types of what a world exports, by their index in its pool. Equal types are one, under the name that comes first. */
export function namedTypes({ context, exports }: World): ReadonlyMap<number, NamedType> {
  const named = new Map<number, NamedType>();
  const taken = new Set<string>(['Problem']);
  for (const { of, label, item } of itemsOf(exports)) {
    if (item.sort !== 'type' || item.type.kind !== 'value' || named.has(item.type.index)) continue;
    if (!NAMED.has(context.pool.info(item.type.index).type.kind)) continue;
    const home = ownName(item.origin?.interface ?? of);
    const own = item.origin?.name ?? label;
    const name = free([pascalCase(own), pascalCase(home) + pascalCase(own)], taken);
    named.set(item.type.index, { name, interface: home, label: own });
  }
  return named;
}

/** `ops` of `acme:calc/ops@1.2.0`. */
export function ownName(full: string): string {
  return interfaceName(full)?.interface ?? full;
}

/** The first that is free, or the last with a number. It is taken then. */
export function free(names: readonly string[], taken: Set<string>): string {
  let name = names.find((each) => !taken.has(each));
  for (let count = 2; name === undefined; count += 1) {
    const numbered = `${names.at(-1)!}${count}`;
    if (!taken.has(numbered)) name = numbered;
  }
  taken.add(name);
  return name;
}

function itemsOf(exports: World['exports']): { of: string; label: string; item: Item }[] {
  return [...exports].flatMap(([name, item]) =>
    item.sort === 'instance'
      ? [...item.exports].map(([label, inner]) => ({ of: name, label, item: inner }))
      : [{ of: '', label: name, item }],
  );
}

function pascalCase(label: string): string {
  return label
    .toLowerCase()
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
