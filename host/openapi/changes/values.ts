import { canonical, same } from './document.ts';
import { limitChanges } from './limits.ts';
import type { SchemaWalk, ShapePair } from './schemas.ts';
import { ANY, covers, type JsonType, type Shape } from './shape.ts';

/** Of two schemas what they say of a value by itself: its type, which values, its limits. */
export function compareValues(walk: SchemaWalk, pair: ShapePair): void {
  const { from, to, at } = pair;
  const { pointer } = to;
  if (!compareTypes(walk, pair)) return;
  compareLists(walk, pair);
  for (const { limit, change, was, is } of limitChanges(from.limits, to.limits)) {
    const what = `\`${limit}\` is ${limitText(limit, is)}, it was ${limitText(limit, was)}`;
    // One that is neither is both.
    walk.report(change === 'loosened' || (change === 'moved' && walk.direction === 'response') ? 'limit-loosened' : 'limit-tightened', {
      pointer,
      at,
      what,
    });
  }
  if (from.pattern !== to.pattern) {
    const rule = from.pattern === null ? 'pattern-added' : to.pattern === null ? 'pattern-removed' : 'pattern-changed';
    walk.report(rule, { pointer, at, what: `its pattern is ${quoted(to.pattern)}, it was ${quoted(from.pattern)}` });
  }
  compareFormats(walk, pair);
  if (!same(from.fallback.value, to.fallback.value)) {
    walk.report('default-changed', {
      pointer,
      at,
      what: `its default is ${valueText(to.fallback.value)}, it was ${valueText(from.fallback.value)}`,
    });
  }
}

/** Of what tells the branches of a union apart. */
export function compareDiscriminators(walk: SchemaWalk, { from, to, at }: ShapePair): void {
  const [was, is] = [from.discriminator, to.discriminator];
  if (was === null || is === null || was === is) return;
  walk.report('discriminator-changed', { pointer: to.pointer, at, what: `its discriminator is ${quoted(is)}, it was ${quoted(was)}` });
}

/** Gives false where what follows goes by types that the two do not share. */
function compareTypes(walk: SchemaWalk, { from, to, at }: ShapePair): boolean {
  const { pointer } = to;
  const gone = [...from.types].filter((type) => type !== 'null' && !covers(to.types, type));
  const come = [...to.types].filter((type) => type !== 'null' && !covers(from.types, type));
  if (gone.length > 0 || come.length > 0) {
    const rule = gone.length === 0 ? 'type-widened' : come.length === 0 ? 'type-narrowed' : 'type-changed';
    walk.report(rule, { pointer, at, what: `it is ${typesText(to)}, it was ${typesText(from)}` });
  }
  const [was, is] = [from.types.has('null'), to.types.has('null')];
  // With no other type in common that is said already.
  if (was !== is && !(gone.length > 0 && come.length > 0)) {
    walk.report(is ? 'null-added' : 'null-removed', { pointer, at, what: is ? 'it may be null' : 'it may not be null any more' });
  }
  return [...from.types].some((type) => covers(to.types, type)) || [...to.types].some((type) => covers(from.types, type));
}

function compareLists(walk: SchemaWalk, { from, to, at }: ShapePair): void {
  const { pointer } = to;
  if (from.values === null && to.values === null) return;
  if (from.values === null)
    return walk.report('enum-added', { pointer, at, what: `it is one of ${listText(to.values!)}, and was any ${typesText(from)}` });
  if (to.values === null)
    return walk.report('enum-removed', { pointer, at, what: `it is any ${typesText(to)}, and was one of ${listText(from.values)}` });
  const gone = [...from.values.keys()].filter((value) => !to.values!.has(value));
  const come = [...to.values.keys()].filter((value) => !from.values!.has(value));
  for (const value of gone) walk.report('enum-value-removed', { pointer, at, what: `it may not be ${value} any more` });
  for (const value of come) walk.report('enum-value-added', { pointer, at, what: `it may be ${value}` });
}

/** A format that takes all of another's values is no less than that. */
const WIDER: Readonly<Record<string, string>> = { int32: 'int64', float: 'double' };

function compareFormats(walk: SchemaWalk, { from, to, at }: ShapePair): void {
  if (from.format === to.format) return;
  const rule =
    from.format === null || (to.format !== null && WIDER[to.format] === from.format)
      ? 'format-added'
      : to.format === null || WIDER[from.format] === to.format
        ? 'format-removed'
        : 'format-changed';
  walk.report(rule, { pointer: to.pointer, at, what: `its format is ${quoted(to.format)}, it was ${quoted(from.format)}` });
}

function typesText({ types }: Shape): string {
  const named = [...types].filter((type): type is Exclude<JsonType, 'null'> => type !== 'null');
  if (named.length === ANY.size - 1) return 'any value';
  return named.length === 0 ? (types.has('null') ? 'null' : 'nothing') : named.toSorted().join(' or ');
}

function limitText(limit: string, value: number | undefined): string {
  if (limit === 'uniqueItems') return value === undefined ? 'false' : 'true';
  return value === undefined ? 'none' : String(value);
}

const MAX_LISTED = 8;

function listText(values: ReadonlyMap<string, unknown>): string {
  const named = [...values.keys()];
  const more = named.length - MAX_LISTED;
  return more > 0 ? `${named.slice(0, MAX_LISTED).join(', ')} and ${more} more` : named.join(', ');
}

function valueText(value: unknown): string {
  return value === undefined ? 'none' : canonical(value);
}

function quoted(text: string | null): string {
  return text === null ? 'none' : JSON.stringify(text);
}
