import { METHODS } from '../document.ts';
import { below, entriesAt, isTable, listOf, tableOf, textOf, type Document, type Place, type Table } from '../places.ts';
import { componentType, wordsOf, type SchemaTypes } from './schemas.ts';
import { block, property } from './text.ts';

const KINDS = ['query', 'header', 'path', 'cookie'] as const;

/** The types of paths and of what stands in them, in the form that openapi-fetch reads. */
export class OperationTypes {
  readonly #document: Document;
  readonly #schemas: SchemaTypes;
  /** Operations that have an id of their own. */
  readonly named = new Map<string, string>();

  constructor(document: Document, schemas: SchemaTypes) {
    this.#document = document;
    this.#schemas = schemas;
  }

  pathItem(reference: Place): string {
    const item = this.#document.follow(reference);
    if (!isTable(item?.value)) return block([]);
    const operations = METHODS.map((method) => {
      const operation = below(item, method);
      if (!isTable(operation.value)) return property(method, 'never', { optional: true });
      return `${wordsOf(operation.value)}${property(method, this.#operation(item, operation))}`;
    });
    return block([property('parameters', this.#parameters([item])), ...operations]);
  }

  /** By its id, where no other has that. */
  #operation(item: Place, operation: Place): string {
    const id = textOf(tableOf(operation.value)['operationId']);
    const type = block([
      property('parameters', this.#parameters([item, operation])),
      this.#requestBody(below(operation, 'requestBody')),
      property('responses', this.#responses(below(operation, 'responses'))),
    ]);
    if (id === null || (this.named.has(id) && this.named.get(id) !== type)) return type;
    this.named.set(id, type);
    return `operations[${JSON.stringify(id)}]`;
  }

  parameter(place: Place): string {
    const [content] = entriesAt(below(place, 'content'));
    return this.#schemas.of(below(content ? content[1] : place, 'schema'));
  }

  requestBody(place: Place): string {
    return block([`${wordsOf(tableOf(place.value))}${property('content', this.#contents(place))}`]);
  }

  response(place: Place): string {
    const headers = entriesAt(below(place, 'headers')).map(([name, reference]) => {
      const header = this.#document.follow(reference);
      const own: Table = tableOf(header?.value);
      const type = this.#referred(reference, 'headers') ?? (header ? this.parameter(header) : 'unknown');
      return `${wordsOf(own)}${property(name, type, { optional: own['required'] !== true })}`;
    });
    const has = Object.keys(tableOf(tableOf(place.value)['content'])).length > 0;
    return block([
      property('headers', block([...headers, '[name: string]: unknown;'])),
      has ? property('content', this.#contents(place)) : property('content', 'never', { optional: true }),
    ]);
  }

  #parameters(owners: readonly Place[]): string {
    const found = new Map<string, { readonly name: string; readonly kind: string; readonly line: string; readonly required: boolean }>();
    for (const owner of owners) {
      for (let index = 0; index < listOf(tableOf(owner.value)['parameters']).length; index++) {
        const reference = below(owner, 'parameters', index);
        const place = this.#document.follow(reference);
        const { name, in: kind, required: wanted } = tableOf(place?.value);
        if (place === null || typeof name !== 'string' || typeof kind !== 'string') continue;
        const required = wanted === true || kind === 'path';
        const type = this.#referred(reference, 'parameters') ?? this.parameter(place);
        found.set(`${kind} ${name}`, {
          name,
          kind,
          required,
          line: `${wordsOf(tableOf(place.value))}${property(name, type, { optional: !required })}`,
        });
      }
    }
    return block(
      KINDS.map((kind) => {
        const own = [...found.values()].filter((each) => each.kind === kind);
        if (own.length === 0) return property(kind, 'never', { optional: true });
        return property(kind, block(own.map(({ line }) => line)), { optional: !own.some(({ required }) => required) });
      }),
    );
  }

  #requestBody(reference: Place): string {
    const place = reference.value === undefined ? null : this.#document.follow(reference);
    if (place === null) return property('requestBody', 'never', { optional: true });
    const value = tableOf(place.value);
    const type = this.#referred(reference, 'requestBodies') ?? this.requestBody(place);
    return property('requestBody', type, { optional: value['required'] !== true });
  }

  #responses(places: Place): string {
    const lines = entriesAt(places).flatMap(([status, reference]) => {
      const place = this.#document.follow(reference);
      if (place === null || status.startsWith('x-')) return [];
      return [`${wordsOf(tableOf(place.value))}${property(status, this.#referred(reference, 'responses') ?? this.response(place))}`];
    });
    return block(lines);
  }

  #contents(place: Place): string {
    return block(entriesAt(below(place, 'content')).map(([type, content]) => property(type, this.#schemas.of(below(content, 'schema')))));
  }

  #referred({ value }: Place, kind: string): string | null {
    const reference = textOf(tableOf(value)['$ref']);
    return reference === null ? null : componentType(reference, kind);
  }
}
