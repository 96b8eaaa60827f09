/**
 * Where an event differs from the keys and the types of a sample: `path: why`. A key of the sample with the value
 * `undefined` may be there or not; a table in `OPEN` has keys that each request names itself.
 */
export function keysOf(event: unknown, sample: unknown, path = '$'): string[] {
  if (sample === OPEN) return typeof event === 'object' && event !== null ? [] : [`${path}: no table`];
  if (Array.isArray(sample)) {
    if (!Array.isArray(event)) return [`${path}: no list`];
    return (event as unknown[]).flatMap((each, index) => keysOf(each, sample[0], `${path}[${index}]`));
  }
  if (sample === null || typeof sample !== 'object')
    return sample === null || typeof event === typeof sample ? [] : [`${path}: ${typeof event}, not ${typeof sample}`];
  if (event === null || typeof event !== 'object') return [`${path}: no table`];
  const [wanted, found] = [Object.keys(sample), Object.keys(event)];
  return [
    ...wanted.filter((key) => !found.includes(key)).map((key) => `${path}.${key}: is missing`),
    ...found.filter((key) => !wanted.includes(key)).map((key) => `${path}.${key}: is not in the sample`),
    ...wanted
      .filter((key) => found.includes(key))
      .flatMap((key) => keysOf((event as Record<string, unknown>)[key], (sample as Record<string, unknown>)[key], `${path}.${key}`)),
  ];
}

/** Of a sample: any keys. */
export const OPEN = Symbol('open');
