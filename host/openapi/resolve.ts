import type { OpenApiDocument, Reference, Schema } from './document.ts';
import { resolvePointer } from './pointer.ts';
import { isObject } from './walk.ts';

/** What a value is, or what it leads to. A document that was checked leads round in no circle. */
export function resolved<Value extends object>(document: OpenApiDocument, value: Value | Reference): Value {
  let found: Value | Reference = value;
  for (let steps = 0; steps < 100 && '$ref' in found && typeof found.$ref === 'string'; steps++) {
    const next = resolvePointer(document, found.$ref);
    if (!isObject(next)) break;
    found = next as Value | Reference;
  }
  return found as Value;
}

/** The name of the component that a schema is a reference to; null where it is something else, or a reference and more. */
export function schemaName(schema: Schema): string | null {
  if (typeof schema === 'boolean' || typeof schema.$ref !== 'string') return null;
  const [, name] = /^#\/components\/schemas\/([^/]+)$/.exec(schema.$ref) ?? [];
  return name === undefined ? null : decoded(name);
}

function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name);
  } catch {
    return null;
  }
}
