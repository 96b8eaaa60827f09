import { describe, expect, it } from 'vitest';
import { importsOf, layerOf, sourceFiles, type Import } from './imports.ts';
import { LAYERS } from './layers.ts';

const files = sourceFiles();
const imports = files.flatMap((file) => importsOf(file));

describe('layers', () => {
  it('every folder has a row in the table, and every row a file', () => {
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
    const used = new Set(files.map(layerOf));
    expect(Object.keys(LAYERS).filter((row) => !used.has(row))).toEqual([]);
  });

  it('no file imports what its row does not allow', () => {
    expect(imports.filter((each) => !allowed(each)).map(show)).toEqual([]);
  });

  it('the table allows nothing that is not there', () => {
    const spare = Object.entries(LAYERS).flatMap(([row, { imports: called = [], types = [], packages = [], node }]) => {
      const own = imports.filter(({ file }) => layerOf(file) === row);
      const needs = (to: string, typeOnly: boolean) =>
        own.some((each) => each.typeOnly === typeOnly && (layerOf(each.target) ?? each.target) === to);
      return [
        ...called.filter((to) => !needs(to, false)),
        ...types.filter((to) => !needs(to, true) || called.includes(to)),
        ...packages.filter((to) => !needs(to, false) && !needs(to, true)),
        ...(node && !own.some(({ target }) => target.startsWith('node:')) ? ['node'] : []),
      ].map((to) => `${row} → ${to}`);
    });
    expect(spare).toEqual([]);
  });

  it('what calls leads never round in a circle', () => {
    const circles: string[] = [];
    const walk = (row: string, way: readonly string[]): void => {
      if (way.includes(row)) return void circles.push([...way.slice(way.indexOf(row)), row].join(' → '));
      for (const next of LAYERS[row]?.imports ?? []) walk(next, [...way, row]);
    };
    for (const row of Object.keys(LAYERS)) walk(row, []);
    expect(circles).toEqual([]);
  });

  it('the core imports nothing of Node, and no platform', () => {
    const core = Object.keys(LAYERS).filter((row) => /^host\/(?!platforms|build|cli|cell\/workerd)|^sdk$/.test(row));
    expect(core).toContain('host/registry');
    for (const row of core) {
      expect(LAYERS[row]!.node, row).toBeUndefined();
      const { imports: called = [], types = [] } = LAYERS[row]!;
      expect(
        [...called, ...types].filter((to) => /^host\/(?:platforms|build|cli)/.test(to)),
        row,
      ).toEqual([]);
    }
  });
});

describe('importsOf()', () => {
  it.each([
    ["import a from './a.ts';", 'host/x/a.ts', false],
    ["import { type A,\n  b } from '../b/c.ts';", 'host/b/c.ts', false],
    ["import type { A } from '../b/c.ts';", 'host/b/c.ts', true],
    ["export type { A } from './a.ts';", 'host/x/a.ts', true],
    ["export * from './a.ts';", 'host/x/a.ts', false],
    ["import '../../package.json';", 'package.json', false],
    ["const a = await import('./a.ts');", 'host/x/a.ts', false],
    ["let a: import('./a.ts').A;", 'host/x/a.ts', true],
    ["import { b } from '@a/b/c';", '@a/b', false],
    ["import { b } from 'a/b';", 'a', false],
    ["import fs from 'node:fs/promises';", 'node:fs/promises', false],
  ])('reads %j', (text, target, typeOnly) => {
    expect(importsOf('host/x/file.ts', text)).toEqual([{ file: 'host/x/file.ts', target, typeOnly }]);
  });

  it('reads no comments', () => {
    expect(importsOf('host/x/file.ts', "// import './a.ts'\n/**\n * import './b.ts'\n */\nconst text = 'from ./c.ts';")).toEqual([]);
  });
});

function allowed({ file, target, typeOnly }: Import): boolean {
  const row = LAYERS[layerOf(file) ?? ''];
  if (row === undefined) return false;
  if (target.startsWith('node:')) return row.node === true;
  const to = layerOf(target);
  if (to === undefined) return row.packages?.includes(target) === true;
  if (to === layerOf(file)) return to !== 'functions/*' || target.split('/')[1] === file.split('/')[1];
  return row.imports?.includes(to) === true || (typeOnly && row.types?.includes(to) === true);
}

function show({ file, target, typeOnly }: Import): string {
  return `${file} → ${target}${typeOnly ? ' (types)' : ''}`;
}
