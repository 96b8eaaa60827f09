import { describe, expect, it } from 'vitest';
import { HintMemory, type Hints } from '../../host/gateway/hints/memory.ts';
import { hintsOf, isForOne } from '../../host/gateway/hints/learned.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { isHint, linkValues } from '../../host/registry/gateway/link-values.ts';

const none = () => null;

describe('linkValues', () => {
  it.each([
    ['', []],
    [' , ,', []],
    ['</a>', [['/a', []]]],
    ['</a>; rel=preload', [['/a', ['preload']]]],
    [
      ' </a> ; REL = "PreLoad" ,\t<b>;rel=next ',
      [
        ['/a', ['preload']],
        ['b', ['next']],
      ],
    ],
    ['</a>; rel="preload  stylesheet"', [['/a', ['preload', 'stylesheet']]]],
    ['</a>; rel=next; rel=preload', [['/a', ['next']]]],
    ['</a>; title="a, <b>; rel=preload"; rel=next', [['/a', ['next']]]],
    ['</a>; title="a \\" , </b>; rel=preload"; rel=preload', [['/a', ['preload']]]],
    ['</a,b;c>; rel=preload', [['/a,b;c', ['preload']]]],
    ['</a>;;; rel=preload;', [['/a', ['preload']]]],
    ['</a>; rel; crossorigin', [['/a', ['']]]],
    ['</a>; rel=preload, /b; rel=preload, </c>; rel=preload', [['/a', ['preload']]]],
    ['</a>; rel=preload </b>; rel=preload', []],
    ['</a; rel=preload', []],
    ['</a>; rel="preload', []],
    ['</a>; rel=preload, </b>; title="', [['/a', ['preload']]]],
  ])('reads %j', (field, links) => {
    expect(linkValues(field).map(({ target, relations }) => [target, relations])).toEqual(links);
  });

  it('gives each as it stood', () => {
    expect(linkValues(' </a>; rel=preload ; as="style" , <b>;rel=x').map(({ text }) => text)).toEqual([
      '</a>; rel=preload ; as="style"',
      '<b>;rel=x',
    ]);
  });

  it.each(['<', '</a>;', '</a>; rel="', '</a>;a="\\', ', ', '</a>; rel=a\\'])('takes no longer where a header is made of %j', (piece) => {
    const start = performance.now();
    linkValues(piece.repeat(100_000 / piece.length));
    linkValues(`</a>${piece.repeat(100_000 / piece.length)}`);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('isHint', () => {
  it.each([
    ['</a>; rel=preload', true],
    ['</a>; rel=modulepreload', true],
    ['<//b>; rel="dns-prefetch preconnect"', true],
    ['</a>; rel=prefetch', false],
    ['<>; rel=preload', false],
    ['</a>; rel=preload; anchor="#b"', false],
    ['</a\u00e9>; rel=preload', false],
    ['</a\u0001>; rel=preload', false],
    ['</a\r\nx: y>; rel=preload', false],
  ])('%j: %s', (field, hint) => {
    expect(linkValues(field).some(isHint)).toBe(hint);
  });
});

describe('hintsOf', () => {
  const many = (count: number, length: number) => Array.from({ length: count }, () => `</${'a'.repeat(length)}>; rel=preload`).join(', ');

  it('takes as many as a head may have', () => {
    expect(hintsOf(many(100, 10), [], none)!.lines).toHaveLength(2 * 32);
    expect(hintsOf(many(10, 1_000), [], none)!.lines).toHaveLength(2 * 8);
    expect(hintsOf(many(1, 9_000), [], none)).toBeNull();
    expect(hintsOf(many(1_000, 80), [], none)).toBeNull();
  });

  it('knows by what the response was chosen, but for its coding', () => {
    const chosen = (vary: string) => hintsOf('</a>; rel=preload', ['vary', vary], (name) => `its ${name}`)?.selectors;
    expect(chosen('Accept-Encoding')).toBeNull();
    expect(chosen('Cookie, accept-encoding')).toEqual([['cookie', 'its cookie']]);
    expect(hintsOf('</a>; rel=preload', ['vary', 'cookie'], () => 'a'.repeat(3_000))).toBeNull();
  });
});

describe('isForOne', () => {
  it.each([
    [[], false],
    [['cache-control', 'no-cache, max-age=0'], false],
    [['cache-control', 'private="set-cookie"'], false],
    [['cache-control', 'PRIVATE'], true],
    [['cache-control', 'private="a, Link"'], true],
    [['cache-control', 'no-store'], true],
    [['cdn-cache-control', 'max-age=5', 'cache-control', 'private'], false],
    [['set-cookie', 'a'], true],
    [['vary', 'a, *'], true],
  ])('%j: %s', (lines, forOne) => {
    expect(isForOne(lines)).toBe(forOne);
  });
});

describe('HintMemory', () => {
  const hints = (value: string, selectors: Hints['selectors'] = null): Hints => ({ selectors, field: value, lines: ['link', value] });
  const found = (memory: HintMemory, key: string, field: (name: string) => string | null = none) => memory.find(key, field)?.field ?? null;

  it('lets go of what was asked for longest ago', () => {
    const memory = new HintMemory({ entries: 2, bytes: 1e6 });
    memory.put('a', hints('1'), none);
    memory.put('b', hints('2'), none);
    expect(found(memory, 'a')).toBe('1');
    memory.put('c', hints('3'), none);
    expect(['a', 'b', 'c'].map((key) => found(memory, key))).toEqual(['1', null, '3']);
  });

  it('has no more than its bytes, whatever is put into it', () => {
    const memory = new HintMemory({ entries: 1e6, bytes: 50_000 });
    for (let at = 0; at < 1_000; at++) {
      memory.put(`key ${at % 300}`, hints('x'.repeat((at * 37) % 900), at % 3 === 0 ? [['a', String(at)]] : null), () => String(at));
      expect(memory.weight).toBeLessThanOrEqual(50_000);
    }
    memory.put('large', hints('x'.repeat(30_000)), none);
    expect([found(memory, 'large'), memory.size > 10]).toEqual([null, true]);
    for (let at = 0; at < 300; at++) for (let id = 0; id < 1_000; id++) memory.delete(`key ${at}`, () => String(id));
    expect([memory.size, memory.weight]).toEqual([0, 0]);
  });

  it('keeps those of several requests for one URL, up to eight', () => {
    const memory = new HintMemory({ entries: 10, bytes: 1e6 });
    const by = (value: string) => () => value;
    for (let at = 0; at < 10; at++) memory.put('a', hints(`for ${at}`, [['x', String(at)]]), by(String(at)));
    expect(Array.from({ length: 10 }, (_, at) => found(memory, 'a', by(String(at))))).toEqual([
      null,
      null,
      ...Array.from({ length: 8 }, (_, at) => `for ${at + 2}`),
    ]);
    memory.delete('a', by('5'));
    expect([found(memory, 'a', by('5')), found(memory, 'a', by('6'))]).toEqual([null, 'for 6']);
  });
});

describe('the rule early_hints', () => {
  const read = (rule: unknown) => parseManifest({ name: 'fn', gateway: [{ early_hints: rule }] }).gateway![0]!.early_hints;

  it('may be true, false or a table', () => {
    expect([true, false, { links: [' </a>;rel=preload '] }].map(read)).toEqual([
      { links: [], learn: true },
      false,
      { links: ['</a>;rel=preload'], learn: true },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['a text', 'yes', 'must be true or a table with links'],
    ['links that are no list', { links: '</a>; rel=preload' }, 'links must be a list'],
    ['a URL', { links: ['/a'] }, 'links[0] is not one link'],
    ['two links in one', { links: ['</a>; rel=preload, </b>; rel=preload'] }, 'is not one link'],
    ['a link with something behind it', { links: ['</a>; rel=preload "'] }, 'is not one link'],
    ['a link that is no hint', { links: ['</a>; rel=stylesheet'] }, 'is no hint; write rel=preload'],
    ['a link over two lines', { links: ['</a\r\nx: y>; rel=preload'] }, 'is no hint'],
    ['many links', { links: Array.from({ length: 33 }, () => '</a>; rel=preload') }, 'has more than 32 links'],
    ['a long link', { links: [`</${'a'.repeat(9_000)}>; rel=preload`] }, 'has more than 8192 characters in all'],
    ['nothing to send', { learn: false }, 'sends nothing'],
    ['another key', { link: [] }, 'link'],
  ])('is refused with %s', (_what, rule, why) => {
    expect(() => read(rule)).toThrow(why);
  });
});
