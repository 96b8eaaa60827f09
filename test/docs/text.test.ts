import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../host/cli/program.ts';
import { blocksOf, DOCUMENTS, documentText, inlineCode, ROOT } from './blocks.ts';
import { contains, matches } from './expected.ts';

describe.each(DOCUMENTS)('%s', (file) => {
  const text = documentText(file);

  it('links to what is there', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => !/^https?:/.test(link));
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('names files that are there', () => {
    const named = inlineCode(text).filter((code) => /^(?:host|sdk|test|functions)\/[\w./-]+$/.test(code));
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names commands and options that the CLI has', () => {
    const { commands } = createProgram();
    const lines = [...inlineCode(text), ...blocksOf(file).flatMap((block) => (block.language === 'sh' ? block.text.split('\n') : []))];
    const unknown = lines.flatMap((line) => {
      const [, name, rest = ''] = /^(?:npx )?brink ([a-z]+)\b(.*)$/.exec(line) ?? [];
      if (name === undefined) return [];
      const group = commands.find((each) => each.name() === name);
      const command = group?.commands.find((each) => rest.trim().split(' ')[0] === each.name()) ?? group;
      const flags = [...rest.matchAll(/(?<= )--?[a-z][a-z-]*/g)].map(([flag]) => flag);
      const known = command?.options.flatMap(({ short, long }) => [short, long]) ?? [];
      return command === undefined || flags.some((flag) => !known.includes(flag)) ? [line] : [];
    });
    expect(unknown).toEqual([]);
  });
});

describe('what a document shows', () => {
  it.each([
    ['a 12 ms\n', 'a 3.5 ms\n', true],
    ['id 0123456789abcdef', 'id fedcba9876543210', true],
    ['a b', 'a c', false],
    ['a\nb', 'a', false],
    ['one two three', 'one … three', true],
    ['one\ntwo\nthree', '…\nthree', true],
    ['one\ntwo\nthree', '…\ntwo', false],
    ['a.c', 'abc', false],
    ['abc', 'a.c', false],
  ])('is compared with what is printed: %j with %j is %s', (actual, shown, same) => {
    expect(matches(actual, shown)).toBe(same);
  });

  it('of a command that goes on is somewhere in it, by whole lines', () => {
    expect(contains('one\ntwo\nthree\n', 'two')).toBe(true);
    expect(contains('one\ntwo\nthree\n', 'tw')).toBe(false);
  });
});

describe('blocksOf()', () => {
  it('reads fences, their words and their sections', () => {
    expect(blocksOf('x.md', '# A\n\n```ts title=a/b.ts\ncode\n```\n\n## B\n\n````sh stays\n```\n````\n')).toEqual([
      { file: 'x.md', line: 3, section: '1 A', language: 'ts', attributes: { title: 'a/b.ts' }, text: 'code\n' },
      { file: 'x.md', line: 9, section: '7 B', language: 'sh', attributes: { stays: true }, text: '```\n' },
    ]);
  });

  it('refuses a fence that is never closed', () => {
    expect(() => blocksOf('x.md', '```sh\nls\n')).toThrow('x.md:1');
  });
});

/** As GitHub makes them of headings. */
function anchorsOf(file: string): string[] {
  return [...documentText(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
