import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A fenced block of a document. */
export interface Block {
  readonly file: string;
  /** Of the opening fence; the first is 1. */
  readonly line: number;
  /** The heading that it stands under, with its line, so that two equal headings differ. */
  readonly section: string;
  /** The first word after the fence. */
  readonly language: string;
  /** The words after it: `title=a/b.ts` has a value, others have `true`. */
  readonly attributes: Readonly<Record<string, string | true>>;
  readonly text: string;
}

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'wit/README.md'] as const;

export function documentText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

export function blocksOf(file: string, text = documentText(file)): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; line: number; info: string; lines: string[] } | null = null;
  let section = '';
  for (const [index, line] of text.split('\n').entries()) {
    const [, fence, info = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open !== null && fence?.startsWith(open.fence) && info.trim() === '') {
      blocks.push({ file, line: open.line, section, ...readInfo(open.info), text: open.lines.map((each) => `${each}\n`).join('') });
      open = null;
    } else if (open !== null) open.lines.push(line);
    else if (fence !== undefined) open = { fence, line: index + 1, info, lines: [] };
    else if (/^#{1,6} /.test(line)) section = `${index + 1} ${line.replace(/^#+ /, '')}`;
  }
  if (open !== null) throw new Error(`${file}:${open.line}: this fence is never closed.`);
  return blocks;
}

/** The rows of the table that follows a heading, without its head; a cell's code marks are taken off. */
export function tableUnder(file: string, heading: string): string[][] {
  const lines = documentText(file).split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start === -1) throw new Error(`${file} has no heading "${heading}".`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'));
  const rows: string[][] = [];
  for (let index = first + 2; lines[index]?.startsWith('|'); index++) rows.push(cellsOf(lines[index]!));
  if (rows.length === 0) throw new Error(`${file} has no table under "${heading}".`);
  return rows;
}

/** Code in backticks, outside of fenced blocks. */
export function inlineCode(text: string): string[] {
  const prose = text.replace(/^(`{3,})[^]*?^\1`*\s*$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
}

export function withoutMarks(cell: string): string {
  return cell.replace(/^`(.*)`$/, '$1');
}

function cellsOf(row: string): string[] {
  return row
    .slice(1, row.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function readInfo(info: string): Pick<Block, 'language' | 'attributes'> {
  const [language = '', ...words] = info.trim().split(/\s+/);
  const attributes = Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      return at === -1 ? [word, true as const] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
  return { language, attributes };
}
