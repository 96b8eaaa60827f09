import type { HttpFunction } from './registry.ts';

export interface Route {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly defaults: Readonly<Record<string, string>>;
  /** The less of it is open, the earlier it is tried: one digit for each segment. */
  readonly rank: string;
}

export interface Match {
  readonly fn: HttpFunction;
  readonly params: Readonly<Record<string, string>>;
}

export type Router = (method: string, path: string) => Match | undefined;

/** Constraints of ASP.NET's routes that can be told from the text alone. */
const CONSTRAINTS: Readonly<Record<string, string>> = {
  int: '-?\\d+',
  long: '-?\\d+',
  decimal: '-?\\d+(?:\\.\\d+)?',
  double: '-?\\d+(?:\\.\\d+)?',
  float: '-?\\d+(?:\\.\\d+)?',
  bool: 'true|false',
  alpha: '[a-z]+',
  guid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
};

/**
 * Finds the function for a request, literal segments before parameters. As in Azure, letters are the same in both cases, and
 * a method that no function takes is not found.
 */
export function createRouter(all: readonly HttpFunction[], prefix: string): Router {
  const routes = all
    .map((fn) => ({ fn, route: routeOf([prefix, fn.route].join('/')) }))
    .toSorted((a, b) => (a.route.rank < b.route.rank ? -1 : a.route.rank > b.route.rank ? 1 : 0));
  return (method, path) => {
    const plain = path.replace(/\/+$/, '');
    for (const { fn, route } of routes) {
      if (!fn.methods.includes(method)) continue;
      const found = route.pattern.exec(plain);
      if (found === null) continue;
      const entries = route.names.flatMap((name, index) => {
        const value = found[index + 1];
        return value === undefined ? [] : [[name, decoded(value)] as const];
      });
      return { fn, params: { ...route.defaults, ...Object.fromEntries(entries) } };
    }
    return undefined;
  };
}

/** https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates @throws {TypeError} where it is none */
export function routeOf(template: string): Route {
  const names: string[] = [];
  const defaults: Record<string, string> = {};
  let pattern = '^';
  let rank = '';
  for (const segment of template.split('/').filter(Boolean)) {
    const whole = /^\{([^{}]+)\}$/.exec(segment)?.[1];
    if (whole === undefined) {
      const parts = segment.split(/\{([^{}]+)\}/);
      pattern += '/' + parts.map((part, index) => (index % 2 === 0 ? escaped(part) : parameter(part, { names, defaults }).group)).join('');
      rank += parts.length === 1 ? '1' : '2';
      continue;
    }
    const { group, optional, rest } = parameter(whole, { names, defaults });
    pattern += optional ? `(?:/${group})?` : `/${group}`;
    rank += rest ? '5' : optional ? '4' : whole.includes(':') ? '2' : '3';
  }
  return { pattern: new RegExp(`${pattern}$`, 'i'), names, defaults, rank: `${rank}9` };
}

/** `name`, `name?`, `name:int`, `name=default`, `*name`. */
function parameter(text: string, { names, defaults }: { names: string[]; defaults: Record<string, string> }) {
  const parsed = /^(\*{0,2})(\w+)((?::[a-z]+(?:\([^)]*\))?)*)(\?|=(.*))?$/i.exec(text);
  if (parsed === null) throw new TypeError(`{${text}} of a route cannot be read.`);
  const [, stars = '', name = '', constraints = '', end = '', byDefault] = parsed;
  names.push(name);
  if (byDefault !== undefined) defaults[name] = byDefault;
  const rest = stars !== '';
  return { group: rest ? '(.*)' : `(${constrained(constraints)})`, optional: end !== '' || rest, rest };
}

function constrained(constraints: string): string {
  const kinds = constraints.split(':').filter(Boolean);
  const [first, ...others] = kinds;
  if (first === undefined) return '[^/]+';
  const [, kind = '', argument = ''] = /^([a-z]+)(?:\((.*)\))?$/i.exec(first) ?? [];
  const pattern = kind === 'regex' ? argument.replace(/^\^|\$$/g, '') : (lengthOf(kind, argument) ?? CONSTRAINTS[kind]);
  if (pattern === undefined || others.length > 0)
    throw new TypeError(
      `The constraint ":${kinds.join(':')}" of a route is not there in Brink: one of ${Object.keys(CONSTRAINTS).join(', ')}, length, minlength, maxlength, regex.`,
    );
  return pattern;
}

function lengthOf(kind: string, argument: string): string | undefined {
  if (kind === 'length') return `[^/]{${argument}}`;
  if (kind === 'minlength') return `[^/]{${argument},}`;
  return kind === 'maxlength' ? `[^/]{1,${argument}}` : undefined;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
