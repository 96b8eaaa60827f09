import { METHODS } from './document.ts';
import { OBJECTS, type Kind } from './objects.ts';
import { pointerOf, resolvePointer } from './pointer.ts';
import { isObject, walk, type Place } from './walk.ts';

/** Something that is wrong, and where. */
export interface Finding {
  /** A JSON pointer, as `#/paths/~1pets/get`. */
  readonly pointer: string;
  /** What is wrong with what stands there: it goes on a sentence. */
  readonly message: string;
}

export interface Checked {
  /** What readers of the document would fail at. */
  readonly faults: readonly Finding[];
  /** What OpenAPI does not allow, and readers get over. */
  readonly notes: readonly Finding[];
}

const COMPONENT_NAME = /^[a-zA-Z0-9._-]+$/;
const STATUS = /^(?:[1-5]\d\d|[1-5]XX|default)$/;
const TYPES: readonly unknown[] = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];
const PARAMETERS_IN: readonly unknown[] = ['query', 'header', 'path', 'cookie'];
const SECURITY: readonly unknown[] = ['apiKey', 'http', 'mutualTLS', 'oauth2', 'openIdConnect'];

/** Looks at what a document of OpenAPI 3.1 has to be: its objects, its references, and names that are to be there once. */
export function checkDocument(document: Record<string, unknown>): Checked {
  const faults: Finding[] = [];
  const notes: Finding[] = [];
  const fault = (message: string, place: Place) => faults.push({ pointer: pointerOf(place), message });
  const note = (message: string, place: Place) => notes.push({ pointer: pointerOf(place), message });
  const check: Check = { document, fault, note, operations: new Map() };
  if (['paths', 'webhooks', 'components'].every((field) => document[field] === undefined))
    fault('has neither "paths" nor "webhooks" nor "components"', []);
  walk(document, {
    fault,
    object: (kind, value, place) => {
      CHECKS[kind]?.(value, place, check);
      if ((kind === 'schema' || kind === 'pathItem') && typeof value['$ref'] === 'string') checkReference(value['$ref'], place, check);
    },
    reference: (_kind, value, place) => checkReference(value['$ref'] as string, place, check),
    unknown: (kind, field, place) => note(`is no field of ${OBJECTS[kind].name}, and means nothing`, [...place, field]),
  });
  return { faults, notes };
}

interface Check {
  readonly document: Record<string, unknown>;
  readonly fault: (message: string, place: Place) => void;
  readonly note: (message: string, place: Place) => void;
  /** Where each `operationId` was seen first. */
  readonly operations: Map<string, string>;
}

const CHECKS: Readonly<Partial<Record<Kind, (value: Record<string, unknown>, place: Place, check: Check) => void>>> = {
  components(value, place, { fault }) {
    for (const [kind, named] of Object.entries(value)) {
      if (!isObject(named) || kind.startsWith('x-')) continue;
      for (const name of Object.keys(named))
        if (!COMPONENT_NAME.test(name))
          fault('has a name with characters other than letters, digits, ".", "_" and "-"', [...place, kind, name]);
    }
  },
  paths(value, place, { fault }) {
    const seen = new Map<string, string>();
    for (const path of Object.keys(value)) {
      if (path.startsWith('x-')) continue;
      if (!path.startsWith('/')) fault('is a path that does not begin with "/"', [...place, path]);
      const shape = path.replace(/\{[^}]*\}/g, '{}');
      const other = seen.get(shape);
      if (other !== undefined) fault(`is the same path as ${JSON.stringify(other)}, with other names`, [...place, path]);
      seen.set(shape, path);
    }
  },
  pathItem(value, place, check) {
    if (place.length !== 2 || place[0] !== 'paths') return;
    for (const method of METHODS) if (isObject(value[method])) checkPathParameters(value, [...place, method], check);
  },
  operation({ operationId }, place, { fault, operations }) {
    if (typeof operationId !== 'string') return;
    const first = operations.get(operationId);
    if (first === undefined) operations.set(operationId, pointerOf(place));
    else fault(`has the operationId ${JSON.stringify(operationId)} of ${first}; give it one of its own`, place);
  },
  responses(value, place, { fault }) {
    for (const status of Object.keys(value))
      if (!STATUS.test(status) && !status.startsWith('x-')) fault('is no status, such as "200", "4XX" or "default"', [...place, status]);
  },
  parameter({ in: where, required }, place, { fault, note }) {
    if (typeof where !== 'string') return;
    if (!PARAMETERS_IN.includes(where)) fault(`must be one of ${PARAMETERS_IN.join(', ')}`, [...place, 'in']);
    if (where === 'path' && required !== true) note('is in the path, and does not say that it is required', place);
  },
  securityScheme({ type }, place, { fault }) {
    if (typeof type === 'string' && !SECURITY.includes(type)) fault(`must be one of ${SECURITY.join(', ')}`, [...place, 'type']);
  },
  schema({ type }, place, { fault }) {
    if (type === undefined) return;
    const types: readonly unknown[] = Array.isArray(type) ? type : [type];
    if (types.length === 0 || !types.every((each) => TYPES.includes(each)))
      fault(`must be one of ${TYPES.join(', ')}, or a list of them`, [...place, 'type']);
  },
  security(value, place, { document, note }) {
    const known = resolvePointer(document, '#/components/securitySchemes');
    for (const name of Object.keys(value))
      if (!isObject(known) || !Object.hasOwn(known, name))
        note('names a scheme that components.securitySchemes does not have', [...place, name]);
  },
};

function checkPathParameters(item: Record<string, unknown>, place: Place, { document, note }: Check): void {
  const operation = item[String(place[2])] as Record<string, unknown>;
  const lists = [item['parameters'], operation['parameters']].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  const given = lists.map((each) => (isObject(each) && typeof each['$ref'] === 'string' ? resolvePointer(document, each['$ref']) : each));
  const names = new Set(given.flatMap((each) => (isObject(each) && each['in'] === 'path' ? [each['name']] : [])));
  for (const [, name] of String(place[1]).matchAll(/\{([^}]*)\}/g))
    if (!names.has(name)) note(`has no parameter "${name}", which its path names`, place);
}

function checkReference(ref: string, place: Place, { document, fault }: Check): void {
  const at = [...place, '$ref'];
  if (!ref.startsWith('#'))
    return fault(
      `leads to ${JSON.stringify(ref.slice(0, 100))}, outside of the document; bundle it, as \`npx @redocly/cli bundle\` does`,
      at,
    );
  const seen = new Set<string>();
  for (let next: string | undefined = ref; next !== undefined;) {
    if (seen.has(next)) return fault('leads round in a circle', at);
    seen.add(next);
    const found = resolvePointer(document, next);
    if (found === undefined || (typeof found !== 'boolean' && !isObject(found)))
      return fault(`leads to ${JSON.stringify(next.slice(0, 100))}, where nothing is`, at);
    // A schema that is a reference and more is one of its own.
    next = isObject(found) && typeof found['$ref'] === 'string' && Object.keys(found).length === 1 ? found['$ref'] : undefined;
    if (next !== undefined && !next.startsWith('#')) return;
  }
}
