import { markup, type Html } from './html.ts';

/**
 * The common part of CommonMark: paragraphs, headings, lists, fenced code, `code`, **strong**, *emphasis* and [links](…). Anything
 * else, HTML first of all, is shown as the text that it is.
 */
export function markdown(text: string | undefined): Html | null {
  if (text === undefined || text.trim() === '') return null;
  const blocks: Html[] = [];
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  for (let at = 0; at < lines.length;) {
    const { block, next } = readBlock(lines, at);
    if (block !== null) blocks.push(block);
    at = next;
  }
  return markup`<div class="text">${blocks}</div>`;
}

/** The same of one line. */
export function inline(text: string | undefined): Html | null {
  return text === undefined ? null : spans(text);
}

interface Read {
  readonly block: Html | null;
  readonly next: number;
}

const ITEM = /^\s{0,3}(?:[-*+]|\d{1,9}[.)])\s+/;

function readBlock(lines: readonly string[], at: number): Read {
  const line = lines[at]!;
  if (line.trim() === '') return { block: null, next: at + 1 };
  if (/^\s{0,3}(```|~~~)/.test(line)) return readCode(lines, at);
  const heading = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/.exec(line);
  if (heading !== null) return { block: markup`<p class="heading">${spans(heading[1]!)}</p>`, next: at + 1 };
  if (ITEM.test(line)) return readList(lines, at);
  let next = at + 1;
  while (next < lines.length && !startsAnother(lines[next]!)) next++;
  return { block: markup`<p>${spans(lines.slice(at, next).join('\n'))}</p>`, next };
}

function startsAnother(line: string): boolean {
  return line.trim() === '' || /^\s{0,3}(```|~~~|#{1,6}\s)/.test(line) || ITEM.test(line);
}

function readCode(lines: readonly string[], at: number): Read {
  const fence = /^\s*(```|~~~)/.exec(lines[at]!)![1]!;
  let end = at + 1;
  while (end < lines.length && !lines[end]!.trimStart().startsWith(fence)) end++;
  return { block: markup`<pre><code>${lines.slice(at + 1, end).join('\n')}</code></pre>`, next: end + 1 };
}

function readList(lines: readonly string[], at: number): Read {
  const items: string[] = [];
  let next = at;
  for (; next < lines.length && lines[next]!.trim() !== ''; next++) {
    const line = lines[next]!;
    if (ITEM.test(line)) items.push(line.replace(ITEM, ''));
    else if (startsAnother(line)) break;
    else items.push(`${items.pop() ?? ''}\n${line.trim()}`);
  }
  const shown = items.map((item) => markup`<li>${spans(item)}</li>`);
  return {
    block: /^\s*\d/.test(lines[at]!) ? markup`<ol>${shown}</ol>` : markup`<ul>${shown}</ul>`,
    next,
  };
}

/** Of bounded length each, so that no text takes long to look through. */
const SPAN =
  /`([^`\n]{1,500})`|\*\*([^*\n]{1,500})\*\*|\*([^*\s][^*\n]{0,499})\*|\[([^\]\n]{1,500})\]\(([^()\s]{1,2000})\)|<(https?:\/\/[^<>\s]{1,2000})>/g;

function spans(text: string): Html {
  const parts: Html[] = [];
  let at = 0;
  for (const found of text.matchAll(SPAN)) {
    parts.push(markup`${text.slice(at, found.index)}`);
    at = found.index + found[0].length;
    const [, code, strong, emphasis, label, target, bare] = found;
    if (code !== undefined) parts.push(markup`<code>${code}</code>`);
    else if (strong !== undefined) parts.push(markup`<strong>${strong}</strong>`);
    else if (emphasis !== undefined) parts.push(markup`<em>${emphasis}</em>`);
    else parts.push(link(target ?? bare!, label ?? bare!));
  }
  return markup`${parts}${text.slice(at)}`;
}

/** A link to another page; its text alone where it leads to none. */
export function link(url: string, label: string): Html {
  const target = httpUrl(url);
  return target === null ? markup`${label}` : markup`<a href="${target}" rel="noreferrer nofollow ugc">${label}</a>`;
}

/** Whole URLs of the web and of mail: `javascript:` and the like lead nowhere. */
function httpUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return ['http:', 'https:', 'mailto:'].includes(protocol) ? href : null;
}
