import { z } from 'zod';

/**
 * Which messages a consumer wants, after the model of EventBridge's event patterns and SNS's filter policies: a path of fields
 * with what may be there, one of a list. All paths hold, and one of `$or`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export interface MessageFilter {
  readonly [path: string]: FilterFields | readonly MessageFilter[];
}

/** One of these holds; or a table, whose paths go on from there. */
export type FilterFields = readonly FilterCondition[] | { readonly [path: string]: FilterFields };

export type FilterCondition =
  | string
  | number
  | boolean
  | null
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly numeric: readonly (string | number)[] }
  | { readonly exists: boolean };

/** What one filter may have. */
const MAX_CONDITIONS = 100;
const MAX_DEPTH = 8;
const MAX_CHOICES = 16;
const MAX_TEXT = 1_024;

const LOWER: ReadonlySet<unknown> = new Set(['>', '>=']);
const UPPER: ReadonlySet<unknown> = new Set(['<', '<=']);

type Place = readonly PropertyKey[];

interface Fault {
  readonly path: Place;
  readonly message: string;
}

/** It stays as its author wrote it; who matches messages compiles it. */
export const messageFilter = z.custom<MessageFilter>().superRefine((value, context) => {
  const fault = filterFault(value, [], { conditions: 0 });
  if (fault !== null) context.addIssue({ code: 'custom', path: [...fault.path], message: fault.message });
});

interface Count {
  conditions: number;
}

function filterFault(value: unknown, path: Place, count: Count): Fault | null {
  if (!isTable(value)) return { path, message: 'must be a table of fields' };
  const { $or: choices, ...fields } = value;
  if (Object.keys(value).length === 0) return { path, message: 'names no field; leave it out, and every message comes' };
  const fault = fieldsFault(fields, { path, depth: 0 }, count);
  if (fault !== null || choices === undefined) return fault;
  const place = [...path, '$or'];
  if (path.length > 0) return { path: place, message: 'stands in another $or; write each of the choices out' };
  if (!Array.isArray(choices) || choices.length < 1 || choices.length > MAX_CHOICES)
    return { path: place, message: `must be a list of 1 to ${MAX_CHOICES} filters` };
  return firstFault(choices, (choice, index) => filterFault(choice, [...place, index], count));
}

function fieldsFault(fields: Record<string, unknown>, { path, depth }: { path: Place; depth: number }, count: Count): Fault | null {
  return firstFault(Object.entries(fields), ([key, value]) => {
    const place = [...path, key];
    const names = key.split('.');
    if (depth + names.length > MAX_DEPTH) return { path: place, message: `goes deeper than ${MAX_DEPTH} fields` };
    if (key.length > MAX_TEXT || names.includes('') || names.includes('__proto__') || (key.startsWith('$') && !isOfMessage(depth, names)))
      return { path: place, message: 'is no path of fields; write names with dots between, or $message.contentType, $message.origin' };
    if (Array.isArray(value) && key !== '$message') return conditionsFault(value, place, count);
    if (key === '$message' || isTable(value)) return tableFault(value, { path: place, depth: depth + names.length }, count);
    return { path: place, message: 'must be a list of what may be there, or a table of fields' };
  });
}

function tableFault(value: unknown, { path, depth }: { path: Place; depth: number }, count: Count): Fault | null {
  if (!isTable(value)) return { path, message: 'must be a table of fields' };
  if (Object.keys(value).length === 0) return { path, message: 'names no field' };
  if (path.at(-1) !== '$message') return fieldsFault(value, { path, depth }, count);
  const other = Object.keys(value).find((key) => !isOfMessage(0, ['$message', key]) || !Array.isArray(value[key]));
  return other === undefined
    ? fieldsFault(value, { path, depth }, count)
    : { path: [...path, other], message: 'is nothing of a message; there are contentType and origin, each with a list' };
}

/** `$message` is what lies beside a body. */
function isOfMessage(depth: number, [first, ...rest]: readonly string[]): boolean {
  return depth === 0 && first === '$message' && (rest.length === 0 || (rest.length === 1 && /^(contentType|origin)$/.test(rest[0]!)));
}

function conditionsFault(list: readonly unknown[], path: Place, count: Count): Fault | null {
  if (list.length === 0) return { path, message: 'has nothing that may be there; no message would match' };
  count.conditions += list.length;
  if (count.conditions > MAX_CONDITIONS) return { path, message: `is beyond the ${MAX_CONDITIONS} conditions that a filter may have` };
  return firstFault(list, (condition, index) => {
    const message = conditionFault(condition);
    return message === null ? null : { path: [...path, index], message };
  });
}

function conditionFault(condition: unknown): string | null {
  if (condition === null || typeof condition === 'boolean') return null;
  if (typeof condition === 'number') return Number.isFinite(condition) ? null : 'is no number that JSON has';
  if (typeof condition === 'string') return textFault(condition);
  const [name, ...others] = isTable(condition) ? Object.keys(condition) : [];
  if (name === undefined || others.length > 0)
    return 'must be a text, a number, true, false, null, or one of prefix, suffix, numeric, exists';
  const value = (condition as Record<string, unknown>)[name];
  switch (name) {
    case 'prefix':
    case 'suffix':
      return typeof value === 'string' && value !== '' ? textFault(value) : `must have a text as ${name}`;
    case 'exists':
      return typeof value === 'boolean' ? null : 'must have true or false as exists';
    case 'numeric':
      return isRange(value) ? null : 'must have a range as numeric, such as [">=", 1, "<", 10], [">", 5] or ["=", 3]';
    default:
      return `has ${JSON.stringify(name.slice(0, 40))}, which is none of prefix, suffix, numeric, exists`;
  }
}

function textFault(text: string): string | null {
  return text.length > MAX_TEXT ? `has more than ${MAX_TEXT} characters` : null;
}

/** One bound, or a lower and then an upper one that leave something between. */
function isRange(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [first, from, second, to] = value as unknown[];
  if (!Number.isFinite(from)) return false;
  if (value.length === 2) return first === '=' || LOWER.has(first) || UPPER.has(first);
  if (value.length !== 4 || !Number.isFinite(to) || !LOWER.has(first) || !UPPER.has(second)) return false;
  return first === '>=' && second === '<=' ? (from as number) <= (to as number) : (from as number) < (to as number);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstFault<Item>(items: readonly Item[], look: (item: Item, index: number) => Fault | null): Fault | null {
  for (const [index, item] of items.entries()) {
    const fault = look(item, index);
    if (fault !== null) return fault;
  }
  return null;
}
