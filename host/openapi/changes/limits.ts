import type { Table } from './document.ts';

/** The limits of a schema, said in one way: `exclusiveMinimum: true` of OpenAPI 3.0 and what limits nothing are gone. */
export type Limits = Readonly<Partial<Record<Limit, number>>>;

export type Limit = (typeof LOWER)[number] | (typeof UPPER)[number] | 'multipleOf' | 'uniqueItems';

const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
const LIMITS: readonly Limit[] = [...LOWER, ...UPPER, 'multipleOf', 'uniqueItems'];

export interface LimitChange {
  readonly limit: Limit;
  readonly change: 'tightened' | 'loosened' | 'moved';
  readonly was: number | undefined;
  readonly is: number | undefined;
}

export function limitsOf(schema: Table): Limits {
  const limits: Partial<Record<Limit, number>> = {};
  for (const limit of LIMITS) {
    const value = schema[limit];
    if (typeof value === 'number') limits[limit] = value;
  }
  if (schema['uniqueItems'] === true) limits.uniqueItems = 1;
  for (const [end, open] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (schema[open] === true && limits[end] !== undefined) {
      limits[open] = limits[end];
      delete limits[end];
    }
  }
  for (const least of ['minLength', 'minItems', 'minProperties'] as const) if (limits[least] === 0) delete limits[least];
  return withoutSlack(limits);
}

/** Both hold. */
export function tightest(a: Limits, b: Limits): Limits | null {
  // Its multiples are those of a number that need not be either of them.
  if (a.multipleOf !== undefined && b.multipleOf !== undefined && a.multipleOf !== b.multipleOf) return null;
  const limits: Partial<Record<Limit, number>> = { ...a };
  for (const limit of LIMITS) {
    const [one, other] = [a[limit], b[limit]];
    if (other === undefined) continue;
    const isUpper = (UPPER as readonly Limit[]).includes(limit);
    limits[limit] = one === undefined ? other : isUpper ? Math.min(one, other) : Math.max(one, other);
  }
  return withoutSlack(limits);
}

export function limitChanges(from: Limits, to: Limits): LimitChange[] {
  const moved: LimitChange[] = [
    endChange('minimum', 'exclusiveMinimum', { from, to, sign: 1 }),
    endChange('maximum', 'exclusiveMaximum', { from, to, sign: -1 }),
  ].filter((each) => each !== null);
  for (const limit of LIMITS.slice(0)) {
    if (/inimum|aximum/.test(limit) || from[limit] === to[limit]) continue;
    moved.push({ limit, change: changeOf(limit, from[limit], to[limit]), was: from[limit], is: to[limit] });
  }
  return moved;
}

/** Of a closed and an open end the one that the other leaves no room for. */
function withoutSlack(limits: Partial<Record<Limit, number>>): Limits {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = limits;
  if (minimum !== undefined && exclusiveMinimum !== undefined) delete limits[minimum > exclusiveMinimum ? 'exclusiveMinimum' : 'minimum'];
  if (maximum !== undefined && exclusiveMaximum !== undefined) delete limits[maximum < exclusiveMaximum ? 'exclusiveMaximum' : 'maximum'];
  return limits;
}

function endChange(
  closed: 'minimum' | 'maximum',
  open: 'exclusiveMinimum' | 'exclusiveMaximum',
  { from, to, sign }: { from: Limits; to: Limits; sign: 1 | -1 },
): LimitChange | null {
  const end = (limits: Limits) => (limits[open] === undefined ? limits[closed] : limits[open]);
  const [was, is] = [end(from), end(to)];
  const [wasOpen, isOpen] = [from[open] !== undefined, to[open] !== undefined];
  if (was === is && wasOpen === isOpen) return null;
  const tighter = was === undefined || (is !== undefined && (is === was ? isOpen : (is - was) * sign > 0));
  return { limit: (is === undefined ? wasOpen : isOpen) ? open : closed, change: tighter ? 'tightened' : 'loosened', was, is };
}

function changeOf(limit: Limit, was: number | undefined, is: number | undefined): LimitChange['change'] {
  if (was === undefined) return 'tightened';
  if (is === undefined) return 'loosened';
  if (limit === 'multipleOf') return isMultiple(is, was) ? 'tightened' : isMultiple(was, is) ? 'loosened' : 'moved';
  return (UPPER as readonly Limit[]).includes(limit) === is < was ? 'tightened' : 'loosened';
}

function isMultiple(number: number, of: number): boolean {
  const times = number / of;
  return Math.abs(times - Math.round(times)) < 1e-9;
}
