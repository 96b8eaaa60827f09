export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface JsonProblem {
  /** `vars.LIST[2]`; empty for the value itself. */
  readonly path: string;
  readonly why: string;
}

const MAX_DEPTH = 32;

/** What keeps a value from being JSON that reads back as it was written, or null. */
export function jsonProblem(value: unknown, path = '', depth = 0): JsonProblem | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : { path, why: `is ${value}, which JSON has no number for` };
  if (value instanceof Date) return { path, why: 'is a date; write it as a string, in quotes' };
  if (typeof value !== 'object') return { path, why: `is a ${typeof value}, which JSON has no value for` };
  if (depth >= MAX_DEPTH) return { path, why: `is nested deeper than ${MAX_DEPTH} levels` };
  if (Array.isArray(value)) return firstProblem(value.map((item, index) => () => jsonProblem(item, `${path}[${index}]`, depth + 1)));
  return firstProblem(
    Object.entries(value).map(([key, inner]) => () => {
      const at = joinPath(path, key);
      if (key === '__proto__') return { path: at, why: 'is a name that objects in JavaScript keep for themselves; use another' };
      return jsonProblem(inner, at, depth + 1);
    }),
  );
}

/** `routes[1].pattern`, with keys that are no plain words in quotes. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : joinPath(text, String(part))), '');
}

function joinPath(path: string, key: string): string {
  const name = /^[\w$-]+$/.test(key) ? key : JSON.stringify(key.slice(0, 80));
  return path === '' ? name : `${path}.${name}`;
}

function firstProblem(checks: readonly (() => JsonProblem | null)[]): JsonProblem | null {
  for (const check of checks) {
    const problem = check();
    if (problem !== null) return problem;
  }
  return null;
}
