import { bySeverity, changeOf, type ApiChange } from './change.ts';
import { below, entriesAt, isTable, openDocument, same, tableOf, type Document, type Place, type Table } from './document.ts';
import { isEqual } from './equal.ts';
import { compareOperations } from './operations.ts';
import { comparisonOf, type Comparison } from './schemas.ts';

/** More of them, and a list says so. */
export const MAX_CHANGES = 1_000;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

/**
 * What has changed from one OpenAPI document (3.0 or 3.1) to another for whoever calls what it describes, the worst first. Pure: the
 * same documents give the same list.
 *
 * Names of path parameters, servers, tags, texts, examples, links and encodings do not matter. What is compared for equality alone gives a
 * warning where it differs: callbacks, webhooks, and of schemas `not`, `if`, `contains`, `patternProperties` and their like.
 */
export function compareDocuments(from: unknown, to: unknown): ApiChange[] {
  const [was, is] = [isTable(from) ? from : null, isTable(to) ? to : null];
  if (was === null || is === null) return was === is ? [] : [wholeDocument(is === null)];
  const changes: ApiChange[] = [];
  let complete = false;
  try {
    complete = collect({ was, is }, changes);
  } catch (error) {
    // Schemas in schemas, deeper than this machine's stack.
    if (!(error instanceof RangeError)) throw error;
  }
  const sorted = bySeverity(changes).slice(0, MAX_CHANGES);
  if (complete && changes.length <= MAX_CHANGES) return sorted;
  const message = `The documents are too large to be compared whole: more may have changed than the ${sorted.length} changes listed.`;
  return bySeverity([...sorted, changeOf({ rule: 'comparison-incomplete', pointer: '', message }, OF_DOCUMENT)]);
}

const OF_DOCUMENT = { method: null, path: null };

function wholeDocument(gone: boolean): ApiChange {
  const message = gone
    ? 'There is no document any more: nothing can be compared, and clients cannot be made.'
    : 'There is a document now, and was none.';
  return changeOf(
    { rule: gone ? 'document-removed' : 'document-added', pointer: '', document: gone ? 'from' : 'to', message },
    OF_DOCUMENT,
  );
}

/** Gives whether everything was looked at. */
function collect({ was, is }: { was: Table; is: Table }, changes: ApiChange[]): boolean {
  if (same(was, is)) return true;
  const comparison = comparisonOf(openDocument(was), openDocument(is));
  const [paths, newPaths] = [pathsOf(comparison.from), pathsOf(comparison.to)];
  for (const [key, { path, place }] of paths) {
    const other = newPaths.get(key);
    if (other) changes.push(...comparePaths(comparison, { path: other.path, from: place, to: other.place }));
    else changes.push(...removedPath(comparison, path, place));
    if (changes.length > MAX_CHANGES) return false;
  }
  for (const [key, { path, place }] of newPaths) {
    if (!paths.has(key))
      changes.push(changeOf({ rule: 'path-added', pointer: place.pointer, message: `The path ${path} is new.` }, { method: null, path }));
  }
  const [hooks, newHooks] = [placeOf(was, 'webhooks'), placeOf(is, 'webhooks')];
  if (!isEqual(comparison, hooks, newHooks)) {
    const message = 'The webhooks are not what they were, and are not compared further.';
    changes.push(changeOf({ rule: 'webhooks-changed', pointer: '/webhooks', message }, OF_DOCUMENT));
  }
  return !comparison.incomplete;
}

function comparePaths(comparison: Comparison, { path, from, to }: { path: string; from: Place; to: Place }): ApiChange[] {
  const [was, is] = [comparison.from.follow(from), comparison.to.follow(to)];
  if (was === null || is === null) return [];
  return METHODS.flatMap((name): ApiChange[] => {
    const method = name.toUpperCase();
    const [operation, newOperation] = [below(was, name), below(is, name)];
    if (!isTable(operation.value) && !isTable(newOperation.value)) return [];
    const place = { method, path };
    if (!isTable(operation.value)) {
      return [changeOf({ rule: 'method-added', pointer: newOperation.pointer, message: `${method} is new.` }, place)];
    }
    if (!isTable(newOperation.value)) return [removedMethod(operation, place)];
    const pair = { from: { item: was, operation }, to: { item: is, operation: newOperation } };
    return compareOperations(comparison, pair).map((found) => changeOf(found, place));
  });
}

function removedPath({ from }: Comparison, path: string, place: Place): ApiChange[] {
  const item = from.follow(place);
  const operations = METHODS.filter((method) => isTable(item && below(item, method).value));
  const announced = operations.length > 0 && operations.every((method) => tableOf(below(item!, method).value)['deprecated'] === true);
  if (announced) return operations.map((method) => removedMethod(below(item!, method), { method: method.toUpperCase(), path }));
  const message = `The path ${path} is gone.`;
  return [changeOf({ rule: 'path-removed', pointer: place.pointer, document: 'from', message }, { method: null, path })];
}

function removedMethod({ value, pointer }: Place, place: { method: string; path: string }): ApiChange {
  const announced = tableOf(value)['deprecated'] === true;
  const message = `${place.method} is gone${announced ? '; it was deprecated' : ''}.`;
  return changeOf({ rule: announced ? 'deprecated-method-removed' : 'method-removed', pointer, document: 'from', message }, place);
}

/** By what they match: `/a/{id}` is `/a/{x}`. */
function pathsOf({ root }: Document): Map<string, { readonly path: string; readonly place: Place }> {
  return new Map(
    entriesAt(placeOf(root, 'paths'))
      .filter(([path]) => path.startsWith('/'))
      .map(([path, place]) => [path.replace(/\{[^{}]*\}/g, '{}'), { path, place }]),
  );
}

function placeOf(root: Table, key: string): Place {
  return below({ value: root, pointer: '' }, key);
}
