/** A value as DynamoDB writes it: `{ S: 'text' }`. */
export type Attribute = Readonly<Record<string, unknown>>;

/**
 * A row, or any object, as attributes. What messages of changes write in its place is known: bytes as `{ base64 }`, integers
 * beyond a number as `{ integer }`; what they left out as `{ omitted }` is left out.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
export function attributesOf(row: Readonly<Record<string, unknown>>): Record<string, Attribute> {
  const entries = Object.entries(row).flatMap(([name, value]) => {
    const attribute = attributeOf(value);
    return attribute === undefined ? [] : [[name, attribute] as const];
  });
  return Object.fromEntries(entries);
}

function attributeOf(value: unknown): Attribute | undefined {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: (value as unknown[]).map((each) => attributeOf(each) ?? { NULL: true }) };
  if (typeof value !== 'object') return undefined;
  const keys = Object.keys(value);
  if (keys.length === 1) {
    const { base64, integer, omitted } = value as Record<string, unknown>;
    if (typeof base64 === 'string') return { B: base64 };
    if (typeof integer === 'string') return { N: integer };
    if (typeof omitted === 'number') return undefined;
  }
  return { M: attributesOf(value as Record<string, unknown>) };
}
