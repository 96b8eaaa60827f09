import type { Found } from './change.ts';
import { below, canonical, isTable, listOf, tableOf, type Document, type Place } from './document.ts';
import type { OperationPair } from './operations.ts';
import type { Comparison } from './schemas.ts';

/** What a client has to show, as one of several ways: scopes by scheme. Nothing is a way too. */
type Way = ReadonlyMap<string, ReadonlySet<string>>;

/** Schemes are known by what they say, not by their names. */
export function compareSecurity(comparison: Comparison, { from, to }: OperationPair): Found[] {
  const [was, is] = [waysOf(comparison.from, from.operation), waysOf(comparison.to, to.operation)];
  const shut = was.find((way) => !is.some((other) => isEnough(way, other)));
  const { pointer } = below(to.operation, 'security');
  if (shut) {
    const message =
      shut.size === 0
        ? 'It takes no request any more that is not authenticated.'
        : 'What a client showed is not enough any more: it asks for other schemes or scopes.';
    return [{ rule: 'security-tightened', pointer, message }];
  }
  const opened = is.some((way) => !was.some((other) => isEnough(way, other)));
  return opened ? [{ rule: 'security-loosened', pointer, message: 'It can be called with less, or in another way as well.' }] : [];
}

function isEnough(shown: Way, wanted: Way): boolean {
  return [...wanted].every(([scheme, scopes]) => {
    const own = shown.get(scheme);
    return own !== undefined && [...scopes].every((scope) => own.has(scope));
  });
}

function waysOf({ root, follow }: Document, operation: Place): Way[] {
  const schemes = below({ value: root, pointer: '' }, 'components', 'securitySchemes');
  const nameOf = (name: string): string => {
    const scheme = follow(below(schemes, name))?.value;
    if (!isTable(scheme)) return name;
    const { type, scheme: kind, in: where, name: key, openIdConnectUrl } = scheme;
    return canonical([type, typeof kind === 'string' ? kind.toLowerCase() : null, where, key, openIdConnectUrl]);
  };
  const listed = listOf(tableOf(operation.value)['security'] ?? root['security']);
  const ways = listed.map((way): Way => {
    return new Map(Object.entries(tableOf(way)).map(([name, scopes]) => [nameOf(name), new Set(listOf(scopes).map(String))]));
  });
  return ways.length === 0 ? [new Map()] : ways;
}
