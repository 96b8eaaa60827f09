/** What a main module exports under a name, as ES module or as CommonJS; a name with dots goes into objects. */
export function exportOf(main: Readonly<Record<string, unknown>>, name: string): unknown {
  const path = name.split('.');
  return at(main, path) ?? at(main['default'], path);
}

/** The names of a main module's exports, for messages. */
export function exportNames(main: Readonly<Record<string, unknown>>): string {
  const inner = main['default'];
  const names = new Set(Object.keys(main));
  if (inner !== null && (typeof inner === 'object' || typeof inner === 'function')) for (const name of Object.keys(inner)) names.add(name);
  // CommonJS comes as the default export, too.
  if (typeof inner === 'object') names.delete('default');
  names.delete('__esModule');
  names.delete('module.exports');
  return names.size === 0 ? 'nothing' : [...names].map((name) => JSON.stringify(name)).join(', ');
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (found === null || (typeof found !== 'object' && typeof found !== 'function')) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
