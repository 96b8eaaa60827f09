import { compareBodies } from './bodies.ts';
import type { Found } from './change.ts';
import { below, tableOf, textOf, type Place } from './document.ts';
import { isEqual } from './equal.ts';
import { compareParameters } from './parameters.ts';
import { compareResponses } from './responses.ts';
import type { Comparison } from './schemas.ts';
import { compareSecurity } from './security.ts';

/** An operation, and the path item that it is of. */
export interface OperationPlace {
  readonly item: Place;
  readonly operation: Place;
}

export interface OperationPair {
  readonly from: OperationPlace;
  readonly to: OperationPlace;
}

export function compareOperations(comparison: Comparison, pair: OperationPair): Found[] {
  const [was, is] = [pair.from.operation, pair.to.operation];
  return [
    ...compareSecurity(comparison, pair),
    ...compareParameters(comparison, pair),
    ...compareBodies(comparison, { from: below(was, 'requestBody'), to: below(is, 'requestBody') }),
    ...compareResponses(comparison, { from: below(was, 'responses'), to: below(is, 'responses') }),
    ...compareRest(comparison, was, is),
  ];
}

function compareRest(comparison: Comparison, from: Place, to: Place): Found[] {
  const [was, is] = [tableOf(from.value), tableOf(to.value)];
  const found: Found[] = [];
  if (was['deprecated'] !== true && is['deprecated'] === true) {
    found.push({ rule: 'method-deprecated', pointer: to.pointer, message: 'It is deprecated.' });
  }
  const [id, newId] = [textOf(was['operationId']), textOf(is['operationId'])];
  if (id !== newId) {
    found.push({
      rule: 'operation-id-changed',
      pointer: to.pointer,
      message: `Its operationId is ${newId ?? 'none'}, it was ${id ?? 'none'}.`,
    });
  }
  if (!isEqual(comparison, below(from, 'callbacks'), below(to, 'callbacks'))) {
    found.push({
      rule: 'callbacks-changed',
      pointer: to.pointer,
      message: 'Its callbacks are not what they were, and are not compared further.',
    });
  }
  return found;
}
