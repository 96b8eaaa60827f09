/** One link of a `Link` header. RFC 8288, section 3. */
export interface LinkValue {
  /** As it stands in the header. */
  readonly text: string;
  readonly target: string;
  /** In lower case. */
  readonly relations: readonly string[];
  /** Whether it is about something else than what it came with. */
  readonly anchored: boolean;
}

/** https://html.spec.whatwg.org/multipage/semantics.html#early-hints */
const HINTING: ReadonlySet<string> = new Set(['preload', 'preconnect', 'modulepreload']);
/** A URI has no other characters (RFC 3986, section 2); what may be besides in a title is nothing that a browser needs early. */
const PRINTABLE = /^[\x20-\x7e]*$/;

const BETWEEN = /[\t ,]*/y;
const TARGET = /<([^<>]*)>/y;
const PARAMETER = /[\t ]*;[\t ]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[\t ]*(?:=[\t ]*(?:"((?:[^"\\]|\\.)*)"|([^\t ",;<>]*)))?)?/y;
const END = /[\t ]*(?:,|$)/y;

/** Those of one header, several lines of which are one value. Behind something that is no link none is read: nobody knows where that ends. */
export function linkValues(field: string): LinkValue[] {
  const links: LinkValue[] = [];
  let at = after(BETWEEN, field, 0)!;
  while (at < field.length) {
    const start = at;
    TARGET.lastIndex = at;
    const target = TARGET.exec(field)?.[1];
    if (target === undefined) break;
    at = TARGET.lastIndex;
    let relations: string | undefined;
    let anchored = false;
    for (;;) {
      PARAMETER.lastIndex = at;
      const found = PARAMETER.exec(field);
      if (found === null) break;
      at = PARAMETER.lastIndex;
      const name = found[1]?.toLowerCase();
      if (name === 'anchor') anchored = true;
      // Section 3.3: the first one counts.
      if (name === 'rel') relations ??= found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '';
    }
    const text = field.slice(start, at).trim();
    const end = after(END, field, at);
    if (end === null) break;
    links.push({ text, target: target.trim(), relations: relations?.toLowerCase().split(/[\t ]+/) ?? [], anchored });
    at = after(BETWEEN, field, end)!;
  }
  return links;
}

/** Whether a browser would begin with it before the response is there. */
export function isHint({ text, target, relations, anchored }: LinkValue): boolean {
  return !anchored && target !== '' && relations.some((relation) => HINTING.has(relation)) && PRINTABLE.test(text);
}

/** Where what it matches ends; null where it does not. */
function after(pattern: RegExp, field: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(field) ? pattern.lastIndex : null;
}
