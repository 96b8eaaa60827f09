import process from 'node:process';

/**
 * Variables of `process.env`: vars and secrets of the function, and what the cloud has there beside them. A var of the
 * function's own stands before one of the cloud's.
 */
export function putEnvironment(env: Readonly<Record<string, unknown>>, ofCloud: Readonly<Record<string, string>>): void {
  const own = Object.entries(env).flatMap(([name, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  Object.assign(process.env, ofCloud, Object.fromEntries(own));
}

/** Vars of any shape are JSON; bindings are no variables. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value !== 'object') return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || Array.isArray(value) ? JSON.stringify(value) : undefined;
}
