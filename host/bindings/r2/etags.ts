import type { WireEtag } from './wire.ts';

/**
 * The value of If-Match or If-None-Match: RFC 9110, section 13.1. What begins as no etag ends the list, as in Workers.
 *
 * @throws {Error} in the words of Workers
 */
export function parseEtags(header: string, name: string): WireEtag[] {
  const etags: WireEtag[] = [];
  let rest = header;
  let comma = true;
  for (;;) {
    rest = rest.replace(/^[ \t]+/, '');
    const [first] = rest;
    if (first === ',') {
      rest = rest.slice(1);
      comma = true;
      continue;
    }
    if (first === undefined || !'*W"'.includes(first)) break;
    if (!comma) throw new Error(`Comma was expected to separate etags. Encountered ${STRAY[first]}`);
    if (first === '*') return [{ type: 'wildcard' }];
    if (first === 'W' && !rest.startsWith('W/"')) throw new Error('Weak etags must start with W/ and their value must be quoted');
    const match = /^(W\/)?"([^"]*)"/.exec(rest);
    if (match === null) throw new Error('Unclosed double quote for Etag');
    etags.push({ type: match[1] === undefined ? 'strong' : 'weak', value: match[2]! });
    rest = rest.slice(match[0].length);
    comma = false;
  }
  if (etags.length === 0) throw new Error(`Invalid ETag in ${name} header`);
  return etags;
}

const STRAY: Readonly<Record<string, string>> = {
  '*': "a wildcard character '*' instead.",
  W: "a weak quotation character 'W' instead. This would otherwise indicate the start of a new weak etag.",
  '"': "a double quote character '\"' instead. This would otherwise indicate the start of a new strong etag.",
};
