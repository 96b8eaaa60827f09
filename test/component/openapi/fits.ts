type Schema = Readonly<Record<string, unknown>>;

/** Whether a value fits a JSON Schema, of the keywords that the documents of components have. A keyword that is none of them fails the test. */
export function fits(value: unknown, schema: Schema, document: Schema): boolean {
  return Object.entries(schema).every(([keyword, given]) => {
    const check = KEYWORDS[keyword];
    if (check === undefined) throw new Error(`${keyword} is no keyword that this knows.`);
    return check(value, given, { schema, document });
  });
}

interface Place {
  readonly schema: Schema;
  readonly document: Schema;
}

type Keyword = (value: unknown, given: unknown, place: Place) => boolean;

const ANY: Keyword = () => true;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  description: ANY,
  format: ANY,
  $ref: (value, given, { document }) => fits(value, at(document, given as string), document),
  type: (value, given) => typeOf(value) === given || (given === 'integer' && Number.isInteger(value)),
  const: (value, given) => value === given,
  enum: (value, given) => (given as unknown[]).includes(value),
  minimum: (value, given) => typeof value !== 'number' || value >= (given as number),
  maximum: (value, given) => typeof value !== 'number' || value <= (given as number),
  pattern: (value, given) => typeof value !== 'string' || new RegExp(given as string).test(value),
  minLength: (value, given) => typeof value !== 'string' || Array.from(value).length >= (given as number),
  maxLength: (value, given) => typeof value !== 'string' || Array.from(value).length <= (given as number),
  contentEncoding: (value) => typeof value !== 'string' || /^[A-Za-z0-9+/]*={0,2}$/.test(value),
  minItems: (value, given) => !Array.isArray(value) || value.length >= (given as number),
  maxItems: (value, given) => !Array.isArray(value) || value.length <= (given as number),
  prefixItems: (value, given, { document }) =>
    !Array.isArray(value) || (given as Schema[]).every((each, index) => index >= value.length || fits(value[index], each, document)),
  items: (value, given, { schema, document }) => {
    if (!Array.isArray(value)) return true;
    const rest = value.slice(((schema['prefixItems'] ?? []) as unknown[]).length);
    return given === false ? rest.length === 0 : rest.every((each) => fits(each, given as Schema, document));
  },
  properties: (value, given, { document }) =>
    !isObject(value) ||
    Object.entries(given as Record<string, Schema>).every(([name, each]) => !(name in value) || fits(value[name], each, document)),
  required: (value, given) => !isObject(value) || (given as string[]).every((name) => Object.hasOwn(value, name)),
  additionalProperties: (value, given, { schema, document }) => {
    if (!isObject(value)) return true;
    const others = Object.keys(value).filter((name) => !Object.hasOwn((schema['properties'] ?? {}) as object, name));
    return given === false ? others.length === 0 : others.every((name) => fits(value[name], given as Schema, document));
  },
  anyOf: (value, given, { document }) => (given as Schema[]).some((each) => fits(value, each, document)),
  allOf: (value, given, { document }) => (given as Schema[]).every((each) => fits(value, each, document)),
  oneOf: (value, given, { document }) => (given as Schema[]).filter((each) => fits(value, each, document)).length === 1,
};

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function at(document: Schema, pointer: string): Schema {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], document) as Schema;
}
