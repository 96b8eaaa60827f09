import { MAX_HINT_CHARACTERS, MAX_HINTS } from '../../registry/gateway/early-hints.ts';
import { isHint, linkValues } from '../../registry/gateway/link-values.ts';
import { cacheControl, fieldNames, targetedControl } from '../cache/directives.ts';
import { selectorsOf, type Field } from '../cache/vary.ts';
import { valueIn } from '../header-lines.ts';
import type { Hints } from './memory.ts';

/** What hints may be kept of. https://developers.cloudflare.com/cache/advanced-configuration/early-hints/ */
export const HINTING_STATUSES: ReadonlySet<number> = new Set([200, 301, 302]);

/** Of a longer header nothing is kept. */
const MAX_FIELD = 16_384;
/** Of what a request has to have the same; longer ones are for hardly anyone else. */
const MAX_SELECTORS = 2_048;

/** The hints of a response that others may get; null where there are none. @param field its `Link` */
export function hintsOf(link: string, lines: readonly string[], field: Field): Hints | null {
  if (link.length > MAX_FIELD) return null;
  const found: string[] = [];
  let characters = 0;
  for (const each of linkValues(link)) {
    if (!isHint(each)) continue;
    characters += each.text.length + 2;
    if (characters > MAX_HINT_CHARACTERS || found.length === 2 * MAX_HINTS) break;
    found.push('link', each.text);
  }
  if (found.length === 0) return null;
  // Which coding the body has is nothing to what it links.
  const selectors = selectorsOf(lines, field)?.filter(([name]) => name !== 'accept-encoding') ?? [];
  if (selectors.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0) > MAX_SELECTORS) return null;
  return { selectors: selectors.length === 0 ? null : selectors, field: link, lines: found };
}

/**
 * Whether a response was made for one client alone, or says that no part of it is to be kept. RFC 9111, sections 5.2.2.5 and
 * 5.2.2.7; one that varies by everything, or sets cookies, is as it is to a cache.
 */
export function isForOne(lines: readonly string[]): boolean {
  if (valueIn(lines, 'set-cookie') !== null) return true;
  const vary = valueIn(lines, 'vary');
  if (vary !== null && fieldNames(vary).includes('*')) return true;
  const control = targetedControl(valueIn(lines, 'cdn-cache-control')) ?? cacheControl(valueIn(lines, 'cache-control'));
  const ofPrivate = control.get('private');
  return control.has('no-store') || ofPrivate === true || (ofPrivate !== undefined && fieldNames(ofPrivate).includes('link'));
}
