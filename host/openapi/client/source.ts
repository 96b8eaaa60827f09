import type { OpenApiDocument } from '../document.ts';
import { basePath } from '../present.ts';
import { below, entriesAt, openDocument, placeIn, tableOf, type Document, type Place, type Table } from '../places.ts';
import { OperationTypes } from './operations.ts';
import { SchemaTypes, wordsOf } from './schemas.ts';
import { block, literal, property } from './text.ts';

/** What a client is made of. */
export interface ClientOrigin {
  readonly function: string;
  readonly version: number;
  /** That of the version. */
  readonly digest: string;
  /** Where the function answers; what its paths begin with by the document comes behind. */
  readonly url: string;
}

/**
 * A TypeScript file with the types of a document (OpenAPI 3.1), in the form in which openapi-typescript writes them, and a client on
 * openapi-fetch. The same document and origin give the same text.
 */
export function clientSource(root: OpenApiDocument, origin: ClientOrigin): string {
  const document = openDocument(root as unknown as Table);
  const schemas = new SchemaTypes(document);
  const operations = new OperationTypes(document, schemas);
  const paths = interfaceOf('paths', pathLines(document, operations, 'paths'));
  const webhooks = interfaceOf('webhooks', pathLines(document, operations, 'webhooks'));
  const components = interfaceOf('components', componentLines(document, { schemas, operations }));
  const named = interfaceOf(
    'operations',
    [...operations.named].map(([id, type]) => property(id, type)),
  );
  return [
    headOf(origin),
    "import createFetchClient, { type Client, type ClientOptions } from 'openapi-fetch';\n",
    clientOf(root, origin),
    paths,
    webhooks,
    components,
    named,
    ...(schemas.marks ? [MARKS] : []),
  ].join('\n');
}

function headOf({ function: name, version, digest }: ClientOrigin): string {
  return `// Made by \`brink client ${name}\` of ${name}@${version}, sha256:${digest}.\n// It is made anew for each version, so what is changed here is lost.\n`;
}

function clientOf(root: OpenApiDocument, { function: name, url }: ClientOrigin): string {
  const what = wordsOf({ summary: `Calls ${name}: ${root.info.title}` });
  return `/** Where it answers. */
export const BASE_URL = ${literal(url.replace(/\/+$/, '') + basePath(root))};

${what}export function createClient(options: ClientOptions = {}): Client<paths> {
  return createFetchClient<paths>({ baseUrl: BASE_URL, ...options });
}
`;
}

/** As openapi-fetch knows what is left out of a request, or of a response. */
const MARKS = `export type $Read<T> = { readonly $read: T };
export type $Write<T> = { readonly $write: T };
`;

function interfaceOf(name: string, lines: readonly string[]): string {
  return lines.length === 0 ? `export type ${name} = Record<string, never>;\n` : `export interface ${name} ${block(lines)}\n`;
}

function pathLines({ root }: Document, operations: OperationTypes, kind: 'paths' | 'webhooks'): string[] {
  return entriesAt(placeIn(root, kind)).map(([path, item]) => {
    return `${wordsOf(tableOf(item.value))}${property(path, operations.pathItem(item))}`;
  });
}

interface Types {
  readonly schemas: SchemaTypes;
  readonly operations: OperationTypes;
}

function componentLines(document: Document, { schemas, operations }: Types): string[] {
  const kinds: Readonly<Record<string, (place: Place) => string>> = {
    schemas: (place) => schemas.of(place),
    responses: (place) => operations.response(place),
    parameters: (place) => operations.parameter(place),
    requestBodies: (place) => operations.requestBody(place),
    headers: (place) => operations.parameter(place),
    pathItems: (place) => operations.pathItem(place),
  };
  return Object.entries(kinds).map(([kind, typeOf]) => {
    const lines = entriesAt(below(placeIn(document.root, 'components'), kind)).map(([name, reference]) => {
      // One that is another by reference is that: a schema says so itself.
      const place = kind === 'schemas' ? reference : (document.follow(reference) ?? reference);
      return `${wordsOf(tableOf(reference.value))}${property(name, typeOf(place))}`;
    });
    return property(kind, lines.length === 0 ? 'never' : block(lines));
  });
}
