import { camelCase } from '../calls/labels.ts';
import type { ValueType } from '../plan.ts';

/** A JSON Schema, 2020-12, as OpenAPI 3.1 has them. */
export type Schema = Readonly<Record<string, unknown>>;

/** What is known of types besides what they are made of. By their index. */
export interface Types {
  type(index: number): ValueType;
  /** Under which name a type stands among the schemas; null where it is written where it is used. */
  nameOf(index: number): string | null;
  /** Of the type itself, or of a field, a case or a label. */
  docsOf(index: number, item?: string): string | undefined;
}

/** What may still be written: a few bytes of a hostile component can stand for millions of types. */
const MOST_SCHEMAS = 20_000;

const LEAVES: Readonly<Partial<Record<ValueType['kind'], Schema>>> = {
  bool: { type: 'boolean' },
  s8: whole(-(2 ** 7), 2 ** 7 - 1),
  u8: whole(0, 2 ** 8 - 1),
  s16: whole(-(2 ** 15), 2 ** 15 - 1),
  u16: whole(0, 2 ** 16 - 1),
  s32: { ...whole(-(2 ** 31), 2 ** 31 - 1), format: 'int32' },
  u32: whole(0, 2 ** 32 - 1),
  s64: { type: 'string', format: 'int64', pattern: '^-?[0-9]{1,19}$' },
  u64: { type: 'string', format: 'uint64', pattern: '^[0-9]{1,20}$' },
  f32: float('float'),
  f64: float('double'),
  char: { type: 'string', minLength: 1, maxLength: 1 },
  string: { type: 'string' },
};

/** Writes the schemas of types, and keeps those that have a name. */
export class SchemaWriter {
  readonly #types: Types;
  readonly #named = new Map<string, Schema>();
  #left = MOST_SCHEMAS;

  constructor(types: Types) {
    this.#types = types;
  }

  /** All that `schema` has referred to, by name. */
  get named(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#named].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Of a value as it stands where it is used. */
  schema(index: number): Schema {
    const name = this.#types.nameOf(index);
    if (name === null) return this.#written(index);
    if (!this.#named.has(name)) this.#named.set(name, this.#written(index));
    return { $ref: `#/components/schemas/${name}` };
  }

  /** An object of fields, or of parameters. */
  object(
    fields: readonly (readonly [label: string, type: number])[],
    docsOf: (label: string) => string | undefined = () => undefined,
  ): Schema {
    const required = fields.filter(([, type]) => !this.#optional(type)).map(([label]) => camelCase(label));
    return {
      type: 'object',
      properties: Object.fromEntries(fields.map(([label, type]) => [camelCase(label), described(this.schema(type), docsOf(label))])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  }

  /** Of a result; null of any other type. */
  sidesOf(index: number): { readonly ok: number | null; readonly error: number | null } | null {
    const type = this.#types.type(index);
    return type.kind === 'result' ? type : null;
  }

  #optional(index: number): boolean {
    const type = this.#types.type(index);
    return type.kind === 'option' && this.#types.type(type.some).kind !== 'option';
  }

  #written(index: number): Schema {
    this.#left -= 1;
    if (this.#left < 0) return {};
    return described(this.#plain(index), this.#types.docsOf(index));
  }

  #plain(index: number): Schema {
    const type = this.#types.type(index);
    const docsOf = (label: string) => this.#types.docsOf(index, label);
    switch (type.kind) {
      case 'record':
        return this.object(type.fields, docsOf);
      case 'variant':
        return this.#cases(type.cases, docsOf);
      case 'result':
        return this.#cases([
          ['ok', type.ok],
          ['err', type.error],
        ]);
      case 'option':
        if (this.#types.type(type.some).kind !== 'option') return { anyOf: [this.schema(type.some), { type: 'null' }] };
        return this.#cases([
          ['none', null],
          ['some', type.some],
        ]);
      case 'enum':
        return { type: 'string', enum: type.labels };
      case 'flags':
        return {
          type: 'object',
          properties: Object.fromEntries(type.labels.map((label) => [camelCase(label), described({ type: 'boolean' }, docsOf(label))])),
          additionalProperties: false,
        };
      case 'tuple':
        return { type: 'array', prefixItems: type.items.map((item) => this.schema(item)), items: false, ...ofLength(type.items.length) };
      case 'list':
        if (this.#types.type(type.element).kind === 'u8') return { type: 'string', contentEncoding: 'base64' };
        return { type: 'array', items: this.schema(type.element), ...(type.length !== undefined && ofLength(type.length)) };
      case 'map':
        return { type: 'object', additionalProperties: this.schema(type.value) };
      default:
        return LEAVES[type.kind] ?? {};
    }
  }

  #cases(
    cases: readonly (readonly [label: string, type: number | null])[],
    docsOf: (label: string) => string | undefined = () => undefined,
  ): Schema {
    return {
      oneOf: cases.map(([label, type]) => {
        const val = type === null ? null : this.schema(type);
        const required = val === null || this.#optional(type!) ? ['tag'] : ['tag', 'val'];
        const properties = { tag: { type: 'string', const: label }, ...(val !== null && { val }) };
        return described({ type: 'object', properties, required, additionalProperties: false }, docsOf(label));
      }),
    };
  }
}

/** What stands beside a `$ref` counts as well, in 3.1. */
export function described(schema: Schema, description: string | undefined): Schema {
  return description === undefined ? schema : { ...schema, description };
}

function whole(minimum: number, maximum: number): Schema {
  return { type: 'integer', minimum, maximum };
}

function float(format: 'float' | 'double'): Schema {
  return {
    anyOf: [
      { type: 'number', format },
      { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] },
    ],
  };
}

function ofLength(length: number): Schema {
  return { minItems: length, maxItems: length };
}
