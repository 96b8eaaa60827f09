/**
 * A pattern of paths: `/users/:id` has a name where one segment stands, and `*` at the end takes what is left, slashes too.
 * All else is compared as it stands.
 */
export interface PathPattern {
  readonly names: readonly string[];
  /** Whether it ends with `*`, which is then the parameter of that name. */
  readonly open: boolean;
  /** What stands for the names in a path; null where the path is another. */
  match(path: string): Readonly<Record<string, string>> | null;
}

const NONE: Readonly<Record<string, string>> = Object.freeze({});
const NAME = /:([A-Za-z_]\w*)/g;

/** What is wrong with a pattern; null where nothing is. */
export function pathPatternProblem(pattern: string): string | null {
  if (!pattern.startsWith('/')) return 'must begin with "/"';
  if (pattern.length > 512) return 'has more than 512 characters';
  if (!/^[\x21-\x7e]+$/.test(pattern)) return 'holds characters that a path has percent-encoded only';
  if (/[?#]/.test(pattern)) return 'is a path; "?" and "#" have no place in it';
  if (pattern.slice(0, -1).includes('*')) return 'may have "*" at its end only';
  if (/:(?![A-Za-z_])/.test(pattern) || /[^/]:/.test(pattern)) return 'has ":" where no name of a whole segment stands, as in "/users/:id"';
  const names = namesOf(pattern);
  return names.length === new Set(names).size ? null : 'has a name twice';
}

/** Of a pattern that is right. */
export function pathPattern(pattern: string): PathPattern {
  const open = pattern.endsWith('*');
  const fixed = open ? pattern.slice(0, -1) : pattern;
  const names = namesOf(pattern);
  if (names.length === 0) {
    return {
      names,
      open,
      match: (path) => (open ? (path.startsWith(fixed) ? { '*': path.slice(fixed.length) } : null) : path === fixed ? NONE : null),
    };
  }
  const source = fixed.split(NAME).map((part, index) => (index % 2 === 0 ? part.replace(/[.+?^${}()|[\]\\]/g, '\\$&') : '([^/]+)'));
  const expression = new RegExp(`^${source.join('')}${open ? '(.*)' : ''}$`, 's');
  return {
    names,
    open,
    match(path) {
      const found = expression.exec(path);
      if (found === null) return null;
      const values: Record<string, string> = Object.create(null) as Record<string, string>;
      for (const [index, name] of names.entries()) values[name] = found[index + 1]!;
      if (open) values['*'] = found[names.length + 1]!;
      return values;
    },
  };
}

/** Makes the text with each `:name` and a `*` at its end replaced by what stood there; a name that the path has not stays. */
export function filler(template: string): (values: Readonly<Record<string, string>>) => string {
  const named = namesOf(template).length > 0;
  const open = template.endsWith('*');
  const start = open ? template.slice(0, -1) : template;
  return (values) => {
    const rest = open ? values['*'] : undefined;
    const text = rest === undefined ? template : start;
    const filled = named ? text.replace(NAME, (whole, name: string) => values[name] ?? whole) : text;
    return rest === undefined ? filled : filled + rest;
  };
}

/** The names in a template or a pattern, without `*`. */
export function namesOf(pattern: string): string[] {
  return Array.from(pattern.matchAll(NAME), ([, name]) => name!);
}
