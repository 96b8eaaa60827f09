import type { FilterCondition, FilterFields, MessageFilter } from '../../registry/manifest-filter.ts';
import type { NewMessage } from '../../stores/queue.ts';

export type Matches = (message: Pick<NewMessage, 'type' | 'body' | 'origin'>) => boolean;

/** A path with what may be at its end. */
interface Rule {
  readonly path: readonly string[];
  readonly any: readonly Test[];
}

/** `found` are the values at the end of the path, those of a list one by one; null where there is no such path. */
type Test = (found: readonly unknown[] | null) => boolean;

/** Items of lists that one path looks at in a message: what a sender has put there costs no more than this. */
const MAX_ITEMS = 1_000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The filter that a pump has used last, compiled: it gets an equal one each time. */
export class KeptFilter {
  #filter: MessageFilter | undefined;
  #text: string | undefined;
  #matches: Matches = () => true;

  of(filter: MessageFilter | undefined): Matches {
    if (filter === this.#filter) return this.#matches;
    this.#filter = filter;
    // On workerd it has come over a border, as a copy.
    const text = JSON.stringify(filter);
    if (text === this.#text) return this.#matches;
    this.#text = text;
    return (this.#matches = filter === undefined ? () => true : compileFilter(filter));
  }
}

/** A body that is no JSON matches no filter, and so does one of the type `v8`. */
export function compileFilter({ $or: choices, ...fields }: MessageFilter): Matches {
  const all = rulesOf(fields as Record<string, FilterFields>);
  const or = (choices as readonly MessageFilter[] | undefined)?.map((choice) => rulesOf(choice as Record<string, FilterFields>));
  return (message) => {
    const read = bodyOf(message);
    if (read === undefined) return false;
    const { type, origin } = message;
    const $message = { contentType: type, ...(origin !== undefined && { origin }) };
    const holds = ({ path, any }: Rule) => {
      const found = path[0] === '$message' ? valuesAt($message, path.slice(1)) : valuesAt(read.body, path);
      return any.some((test) => test(found));
    };
    return all.every(holds) && (or === undefined || or.some((rules) => rules.every(holds)));
  };
}

function rulesOf(fields: Record<string, FilterFields>, before: readonly string[] = []): Rule[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const path = [...before, ...key.split('.')];
    if (isList(value)) return [{ path, any: value.map(testOf) }];
    return rulesOf(value as Record<string, FilterFields>, path);
  });
}

function isList(value: FilterFields): value is readonly FilterCondition[] {
  return Array.isArray(value);
}

function testOf(condition: FilterCondition): Test {
  if (condition === null || typeof condition !== 'object') return some((value) => value === condition);
  if ('exists' in condition) return (found) => (found !== null) === condition.exists;
  if ('prefix' in condition) return some((value) => typeof value === 'string' && value.startsWith(condition.prefix));
  if ('suffix' in condition) return some((value) => typeof value === 'string' && value.endsWith(condition.suffix));
  const bounds = boundsOf(condition.numeric);
  return some((value) => typeof value === 'number' && bounds.every((bound) => bound(value)));
}

function some(holds: (value: unknown) => boolean): Test {
  return (found) => found?.some(holds) === true;
}

function boundsOf(numeric: readonly (string | number)[]): ((value: number) => boolean)[] {
  const bounds = [];
  for (let at = 0; at < numeric.length; at += 2) bounds.push(boundOf(numeric[at] as string, numeric[at + 1] as number));
  return bounds;
}

function boundOf(operator: string, limit: number): (value: number) => boolean {
  switch (operator) {
    case '>':
      return (value) => value > limit;
    case '>=':
      return (value) => value >= limit;
    case '<':
      return (value) => value < limit;
    case '<=':
      return (value) => value <= limit;
    default:
      return (value) => value === limit;
  }
}

function bodyOf({ type, body }: Pick<NewMessage, 'type' | 'body'>): { readonly body: unknown } | undefined {
  if (type === 'v8') return undefined;
  try {
    return { body: JSON.parse(utf8.decode(body)) as unknown };
  } catch {
    return undefined;
  }
}

/** A list on the way stands for each of its items; one in another does not. */
function valuesAt(root: unknown, path: readonly string[]): readonly unknown[] | null {
  const found: unknown[] = [];
  let present = false;
  let items = 0;
  const walk = (value: unknown, at: number, inList: boolean): void => {
    if (at === path.length) present = true;
    if (Array.isArray(value) && !inList) {
      for (const item of value) {
        if (++items > MAX_ITEMS) return;
        walk(item, at, true);
      }
    } else if (at === path.length) found.push(value);
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, path[at]!))
      walk((value as Record<string, unknown>)[path[at]!], at + 1, false);
  };
  walk(root, 0, false);
  return present ? found : null;
}
