import { METHODS, type Method, type OpenApiDocument, type Operation, type PathItem } from '../document.ts';
import { resolvePointer } from '../pointer.ts';

/** An operation, with what its path says of it. */
export interface Placed {
  /** Of its place in the page. */
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly item: PathItem;
  readonly operation: Operation;
}

export interface Group {
  readonly name: string;
  readonly description: string | undefined;
  readonly operations: readonly Placed[];
}

/** Operations by the first of their tags, in the order of the document's; then those of no tag. */
export function groupsOf(document: OpenApiDocument): Group[] {
  const known = new Map((document.tags ?? []).map(({ name, description }) => [name, description]));
  const byTag = new Map<string, Placed[]>([...known.keys()].map((name) => [name, []]));
  const untagged: Placed[] = [];
  for (const each of placedIn(document)) {
    const tag = each.operation.tags?.[0];
    const group = tag === undefined ? untagged : byTag.get(tag);
    if (group === undefined) byTag.set(tag!, [each]);
    else group.push(each);
  }
  const groups = [...byTag].map(([name, operations]): Group => ({ name, description: known.get(name), operations }));
  return [...groups, { name: 'Operations', description: undefined, operations: untagged }].filter(
    ({ operations }) => operations.length > 0,
  );
}

function placedIn(document: OpenApiDocument): Placed[] {
  const ids = new Map<string, number>();
  return Object.entries(document.paths ?? {}).flatMap(([path, given]) => {
    if (path.startsWith('x-')) return [];
    const item = given.$ref === undefined ? given : { ...(resolvePointer(document, given.$ref) as PathItem), ...given };
    return METHODS.flatMap((method): Placed[] => {
      const operation = item[method];
      return operation === undefined ? [] : [{ id: freeId(`${method}${path}`, ids), method, path, item, operation }];
    });
  });
}

function freeId(text: string, taken: Map<string, number>): string {
  const stem = text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 100)
    .replace(/-$/, '');
  const count = (taken.get(stem) ?? 0) + 1;
  taken.set(stem, count);
  // No stem has a dot.
  return count === 1 ? stem : `${stem}.${count}`;
}
