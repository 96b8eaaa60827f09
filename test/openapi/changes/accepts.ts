/** Whether a value is what a schema says, of the keywords that `schemas.ts` draws: an oracle that knows nothing of the comparison. */
export function accepts(schema: unknown, value: unknown, components: Readonly<Record<string, unknown>>): boolean {
  if (typeof schema === 'boolean') return schema;
  const own = schema as Record<string, unknown>;
  const all = (schemas: unknown, test: (each: unknown) => boolean) => (schemas as unknown[] | undefined)?.every(test) ?? true;
  const check = (each: unknown, part: unknown = value) => accepts(each, part, components);
  if (typeof own['$ref'] === 'string' && !check(components[own['$ref'].split('/').at(-1)!])) return false;
  if (own['type'] !== undefined && ![own['type']].flat().some((type) => isOf(type as string, value))) return false;
  if (own['enum'] !== undefined && !(own['enum'] as unknown[]).includes(value)) return false;
  if ('const' in own && own['const'] !== value) return false;
  if (!all(own['allOf'], (each) => check(each))) return false;
  if (own['anyOf'] !== undefined && !(own['anyOf'] as unknown[]).some((each) => check(each))) return false;
  const limit = (name: string) => own[name] as number | undefined;
  if (typeof value === 'number') {
    if (value < (limit('minimum') ?? -Infinity) || value > (limit('maximum') ?? Infinity)) return false;
    if (value <= (limit('exclusiveMinimum') ?? -Infinity)) return false;
    if (limit('multipleOf') !== undefined && value % limit('multipleOf')! !== 0) return false;
  }
  if (typeof value === 'string' && (value.length < (limit('minLength') ?? 0) || value.length > (limit('maxLength') ?? Infinity)))
    return false;
  if (Array.isArray(value)) {
    if (value.length > (limit('maxItems') ?? Infinity)) return false;
    if (own['items'] !== undefined && !value.every((item) => check(own['items'], item))) return false;
  } else if (typeof value === 'object' && value !== null) {
    const properties = (own['properties'] ?? {}) as Record<string, unknown>;
    if (!all(own['required'], (name) => Object.hasOwn(value, name as string))) return false;
    for (const [name, part] of Object.entries(value)) {
      const further = own['additionalProperties'] ?? true;
      if (!check(Object.hasOwn(properties, name) ? properties[name] : further, part)) return false;
    }
  }
  return true;
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
