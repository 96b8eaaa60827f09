import type { Direction, Found, Side } from './change.ts';
import { tableOf, type Document, type Place } from './document.ts';
import { isEqual } from './equal.ts';
import { compareObjects } from './objects.ts';
import type { SchemaRule } from './rules.ts';
import { covers, isOpen, type Shape } from './shape.ts';
import { shapesOf, type ShapeOf } from './shapes.ts';
import { compareUnions } from './unions.ts';
import { compareDiscriminators, compareValues } from './values.ts';

/** Two documents whose schemas are compared, and how much of that may still be done. */
export interface Comparison {
  readonly from: Document;
  readonly to: Document;
  readonly shapes: { readonly from: ShapeOf; readonly to: ShapeOf };
  /** Pairs of schemas that were found without a change with all that they lead to, in each direction. */
  readonly clean: Readonly<Record<Direction, Pairs>>;
  /** Pairs that may still be looked at. */
  left: number;
  /** Whether something was not looked at. */
  incomplete: boolean;
}

const MAX_PAIRS = 50_000;
/** How deep one union may lie in another. */
const MAX_DEPTH = 30;

export function comparisonOf(from: Document, to: Document): Comparison {
  return {
    from,
    to,
    shapes: { from: shapesOf(from), to: shapesOf(to) },
    clean: { request: new Pairs(), response: new Pairs() },
    left: MAX_PAIRS,
    incomplete: false,
  };
}

/** The changes from one schema to another, of what is sent in this direction. `where` is for people: `request body`. */
export function compareSchemas(
  comparison: Comparison,
  { from, to }: { from: Place; to: Place },
  { direction, where }: { direction: Direction; where: string },
): Found[] {
  const walk = new SchemaWalk(comparison, { direction, where });
  walk.places(from, to, '');
  walk.finish();
  if (walk.found.length === 0) comparison.clean[direction].addAll(walk.met);
  return walk.found;
}

/** Two shapes that stand at the same place of a value: `owner.name`, `items[]`; empty for the value itself. */
export interface ShapePair {
  readonly from: Shape;
  readonly to: Shape;
  readonly at: string;
}

interface Remark {
  readonly pointer: string;
  readonly at: string;
  /** The end of a sentence, without its point. */
  readonly what: string;
  /** Whether it stands in the older document alone. */
  readonly gone?: boolean;
}

/** The way through a pair of schemas and all that they lead to. */
export class SchemaWalk {
  readonly found: Found[] = [];
  readonly met = new Pairs();
  readonly direction: Direction;
  readonly #comparison: Comparison;
  readonly #where: string;
  /** Of the walk that this one is a trial of. */
  readonly #outer: SchemaWalk | undefined;
  readonly #depth: number;
  /** Pairs that are still to be compared: schemas lie in each other deeper than a stack is. */
  readonly #waiting: ShapePair[] = [];

  constructor(comparison: Comparison, { direction, where, outer }: { direction: Direction; where: string; outer?: SchemaWalk }) {
    this.#comparison = comparison;
    this.direction = direction;
    this.#where = where;
    this.#outer = outer;
    this.#depth = outer ? outer.#depth + 1 : 0;
  }

  places(from: Place, to: Place, at: string): void {
    if (isOpen(from) && isOpen(to)) return;
    const comparison = this.#comparison;
    const { shapes } = comparison;
    const [was, is] = [shapes.from(from), shapes.to(to)];
    if (was && is) this.shapes({ from: was, to: is, at });
    else if (!isEqual(comparison, from, to)) {
      this.report('schema-changed', { pointer: to.pointer, at, what: 'its reference leads nowhere in one of the documents' });
    }
  }

  shapes(pair: ShapePair): void {
    if (!this.#isKnown(pair)) {
      this.met.add(pair.from, pair.to);
      this.#waiting.push(pair);
    }
  }

  finish(): void {
    const comparison = this.#comparison;
    for (const pair of this.#waiting) {
      if (comparison.left <= 0 || this.#depth > MAX_DEPTH) {
        comparison.incomplete = true;
        return;
      }
      comparison.left--;
      this.#compare(pair);
    }
  }

  /** Whether a change of the one to the other matters to nobody. What is found on the way is forgotten. */
  isHarmless(pair: ShapePair, isGrave: (found: Found) => boolean): boolean {
    const trial = new SchemaWalk(this.#comparison, { direction: this.direction, where: this.#where, outer: this });
    trial.shapes(pair);
    trial.finish();
    if (trial.found.some(isGrave)) return false;
    this.met.addAll(trial.met);
    return true;
  }

  report(rule: SchemaRule, remark: Remark): void {
    this.add(`${this.direction}-${rule}`, remark);
  }

  add(rule: Found['rule'], { pointer, at, what, gone = false }: Remark): void {
    const place = at === '' ? this.#where : `${this.#where}, \`${at}\``;
    this.found.push({ rule, pointer, ...(gone && { document: 'from' as const }), message: `${place}: ${what}.` });
  }

  /** Whether a property is not sent in this direction: it is the host's alone to write, or the client's. */
  isLeftOut(place: Place, side: Side): boolean {
    const flag = this.direction === 'request' ? 'readOnly' : 'writeOnly';
    return tableOf(place.value)[flag] === true || tableOf(this.#comparison[side].follow(place)?.value)[flag] === true;
  }

  #compare(pair: ShapePair): void {
    const { from, to, at } = pair;
    compareDiscriminators(this, pair);
    const compared = from.unions.length > 0 || to.unions.length > 0 ? compareUnions(this, pair) : 'rest';
    if (compared === 'all') return;
    compareValues(this, pair);
    if (bothMayBe(pair, 'object')) compareObjects(this, pair);
    if (bothMayBe(pair, 'array')) this.#items(pair);
    const names = new Set([...from.others.keys(), ...to.others.keys()]);
    for (const name of names) {
      const [was, is] = [from.others.get(name), to.others.get(name)];
      if (was && is && isEqual(this.#comparison, was, is)) continue;
      const { pointer } = is ?? was!;
      this.report('schema-changed', {
        pointer,
        at,
        what: `\`${name}\` is not what it was, and is not compared further`,
        gone: is === undefined,
      });
    }
  }

  #items({ from, to, at }: ShapePair): void {
    const length = Math.max(from.prefix.length, to.prefix.length);
    for (let index = 0; index < length; index++)
      this.places(from.prefix[index] ?? from.items, to.prefix[index] ?? to.items, `${at}[${index}]`);
    this.places(from.items, to.items, `${at}[]`);
  }

  #isKnown({ from, to }: ShapePair): boolean {
    return this.#comparison.clean[this.direction].has(from, to) || this.#hasMet(from, to);
  }

  #hasMet(from: Shape, to: Shape): boolean {
    return this.met.has(from, to) || (this.#outer !== undefined && this.#outer.#hasMet(from, to));
  }
}

/** A set of pairs of shapes. */
export class Pairs {
  readonly #pairs = new Map<Shape, Set<Shape>>();

  has(from: Shape, to: Shape): boolean {
    return this.#pairs.get(from)?.has(to) ?? false;
  }

  add(from: Shape, to: Shape): void {
    const known = this.#pairs.get(from);
    if (known) known.add(to);
    else this.#pairs.set(from, new Set([to]));
  }

  addAll(others: Pairs): void {
    for (const [from, all] of others.#pairs) for (const to of all) this.add(from, to);
  }
}

function bothMayBe({ from, to }: ShapePair, type: 'object' | 'array'): boolean {
  return covers(from.types, type) && covers(to.types, type);
}
