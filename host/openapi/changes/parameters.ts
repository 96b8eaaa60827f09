import type { Found } from './change.ts';
import { below, entriesAt, isTable, listOf, same, tableOf, textOf, type Document, type Place, type Table } from './document.ts';
import type { OperationPair, OperationPlace } from './operations.ts';
import { compareSchemas, type Comparison } from './schemas.ts';

interface Parameter {
  /** For people: ``query parameter `limit` ``. */
  readonly text: string;
  readonly place: Place;
  readonly required: boolean;
}

export function compareParameters(comparison: Comparison, { from, to }: OperationPair): Found[] {
  const [was, is] = [parametersOf(comparison.from, from), parametersOf(comparison.to, to)];
  const found: Found[] = [];
  for (const [key, parameter] of was) {
    const other = is.get(key);
    if (other) found.push(...compareParameter(comparison, parameter, other));
    else
      found.push({ rule: 'parameter-removed', pointer: parameter.place.pointer, document: 'from', message: `${parameter.text} is gone.` });
  }
  for (const [key, { text, required, place }] of is) {
    if (was.has(key)) continue;
    if (required) found.push({ rule: 'parameter-added-required', pointer: place.pointer, message: `${text} is new, and required.` });
    else found.push({ rule: 'parameter-added-optional', pointer: place.pointer, message: `${text} is new.` });
  }
  return found;
}

function compareParameter(comparison: Comparison, was: Parameter, is: Parameter): Found[] {
  const { text: where, place } = is;
  const { pointer } = place;
  const found: Found[] = [];
  if (is.required && !was.required) found.push({ rule: 'parameter-became-required', pointer, message: `${where} is required.` });
  if (was.required && !is.required) found.push({ rule: 'parameter-became-optional', pointer, message: `${where} need not be there.` });
  const [style, newStyle] = [styleOf(was.place), styleOf(place)];
  if (!same(style, newStyle)) {
    const message = `${where} is written as ${styleText(newStyle)}, and was as ${styleText(style)}.`;
    found.push({ rule: 'parameter-style-changed', pointer, message });
  }
  const pair = { from: schemaOf(was.place), to: schemaOf(place) };
  return [...found, ...compareSchemas(comparison, pair, { direction: 'request', where })];
}

/** Those of the path and of the operation, which come first; those of a path by where they stand in it. */
function parametersOf(document: Document, { item, operation }: OperationPlace): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  const order = pathNames(item.pointer);
  for (const owner of [item, operation]) {
    for (let index = 0; index < listOf(tableOf(owner.value)['parameters']).length; index++) {
      const place = document.follow(below(owner, 'parameters', index));
      if (!isTable(place?.value)) continue;
      const [name, kind] = [textOf(place.value['name']), textOf(place.value['in'])];
      if (name === null || kind === null || isIgnored(name, kind)) continue;
      const at = kind === 'path' ? String(order.indexOf(name)) : kind === 'header' ? name.toLowerCase() : name;
      const text = `${kind[0]!.toUpperCase()}${kind.slice(1)} parameter \`${name}\``;
      found.set(`${kind} ${at}`, { text, place, required: kind === 'path' || place.value['required'] === true });
    }
  }
  return found;
}

/** The names in a path, as the pointer to its item has it. */
function pathNames(pointer: string): string[] {
  return [...pointer.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name!);
}

/** What says how a header is to be understood, not what is in it, is no parameter: OpenAPI 3.1, section 4.8.12.2.1. */
function isIgnored(name: string, kind: string): boolean {
  return kind === 'header' && /^(?:accept|content-type|authorization)$/i.test(name);
}

interface Style {
  readonly style: string;
  readonly explode: boolean;
  readonly reserved: boolean;
  /** The media type of its value, where it has one. */
  readonly type: string | null;
}

function styleOf({ value }: Place): Style {
  const parameter: Table = tableOf(value);
  const style = textOf(parameter['style']) ?? (/^(?:query|cookie)$/.test(String(parameter['in'])) ? 'form' : 'simple');
  const explode = parameter['explode'] ?? style === 'form';
  return {
    style,
    explode: explode === true,
    reserved: parameter['allowReserved'] === true,
    type: Object.keys(tableOf(parameter['content']))[0] ?? null,
  };
}

function styleText({ style, explode, reserved, type }: Style): string {
  return type ?? `${style}${explode ? ', exploded' : ''}${reserved ? ', with reserved characters' : ''}`;
}

function schemaOf(place: Place): Place {
  const [content] = entriesAt(below(place, 'content'));
  return content ? below(content[1], 'schema') : below(place, 'schema');
}
