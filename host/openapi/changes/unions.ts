import type { Found } from './change.ts';
import { isBare } from './combined.ts';
import { RULES } from './rules.ts';
import type { SchemaWalk, ShapePair } from './schemas.ts';
import { ANY, typeIn, type Shape, type Union } from './shape.ts';

/**
 * Of two schemas of which one at least is a union. Gives `all` where nothing of them is left to compare, and `rest` where what
 * stands beside the unions is.
 *
 * What is sent has to be taken by one of the branches that are there now, and what is got has to be of one that was there: a branch is
 * compared with its namesake, else with each, and it is enough that one fits.
 */
export function compareUnions(walk: SchemaWalk, pair: ShapePair): 'all' | 'rest' {
  const { from, to, at } = pair;
  const [was, is] = [aloneUnion(from), aloneUnion(to)];
  if (was && is) {
    compareBranches(walk, { was, is, pointer: to.pointer, at });
    return 'all';
  }
  if (from.unions.length === 1 && to.unions.length === 1) {
    compareBranches(walk, { was: from.unions[0]!, is: to.unions[0]!, pointer: to.pointer, at });
    return 'rest';
  }
  if (from.unions.length === to.unions.length && from.unions.every((union, index) => isSameUnion(walk, union, to.unions[index]!)))
    return 'rest';
  walk.report('schema-changed', { pointer: to.pointer, at, what: 'what it is one of is not what it was, and is not compared further' });
  return 'rest';
}

interface Branches {
  readonly was: Union;
  readonly is: Union;
  readonly pointer: string;
  readonly at: string;
}

function compareBranches(walk: SchemaWalk, { was, is, pointer, at }: Branches): void {
  if (was.orNull !== is.orNull) {
    walk.report(is.orNull ? 'null-added' : 'null-removed', {
      pointer,
      at,
      what: is.orNull ? 'it may be null' : 'it may not be null any more',
    });
  }
  const twins = new Map<Shape, Shape>();
  for (const from of was.branches) {
    const to = is.branches.find((each) => nameOf(each) !== null && nameOf(each) === nameOf(from));
    if (to === undefined) continue;
    twins.set(from, to).set(to, from);
    walk.shapes({ from, to, at });
  }
  const fits = (from: Shape, to: Shape) => walk.isHarmless({ from, to, at }, isGrave);
  const gone = was.branches.filter((from) => !twins.has(from) && !is.branches.some((to) => fits(from, to)));
  const come = is.branches.filter((to) => !twins.has(to) && !was.branches.some((from) => fits(from, to)));
  // One for one: it has changed, and how is what there is to say.
  if (gone.length === 1 && come.length === 1) return walk.shapes({ from: gone[0]!, to: come[0]!, at });
  for (const branch of gone) {
    walk.report('union-branch-removed', { pointer: branch.pointer, at, gone: true, what: `it may not be ${branchText(branch)} any more` });
  }
  for (const branch of come) walk.report('union-branch-added', { pointer: branch.pointer, at, what: `it may be ${branchText(branch)}` });
}

/** A schema as a union and nothing beside it: of its branches, or of its types where it is none. Null where there is more. */
function aloneUnion(shape: Shape): Union | null {
  const { unions, types } = shape;
  if (unions.length > 1) return null;
  if (unions.length === 1) return isBare({ ...shape, unions: [], discriminator: null }) && types.size === ANY.size ? unions[0]! : null;
  const branches = [...types]
    .filter((type) => type !== 'null')
    .map((type): Shape => {
      const values = shape.values && new Map([...shape.values].filter(([, value]) => typeIn(value) === type));
      return { ...shape, types: new Set([type]), values };
    });
  return { branches, orNull: types.has('null') };
}

function isSameUnion(walk: SchemaWalk, was: Union, is: Union): boolean {
  if (was.orNull !== is.orNull || was.branches.length !== is.branches.length) return false;
  return was.branches.every((from, index) => walk.isHarmless({ from, to: is.branches[index]!, at: '' }, () => true));
}

/** What a branch is known by in both documents: the component that it is. */
function nameOf({ pointer }: Shape): string | null {
  return pointer.startsWith('/components/schemas/') ? pointer : null;
}

function branchText(shape: Shape): string {
  const name = nameOf(shape);
  if (name !== null) return name.split('/').at(-1)!;
  return shape.types.size === 0 ? 'nothing' : `this ${[...shape.types].join(' or ')}`;
}

function isGrave({ rule }: Found): boolean {
  return RULES[rule] !== 'compatible';
}
