import { mkdtempSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapStack } from '../../host/observe/stack.ts';
import type { Module } from '../../host/registry/artifact.ts';
import { removeFolder } from '../remove-folder.ts';

const PRICE = `// prices
interface Price { amount: number }

export function half(price: Price | undefined): number {
  return price!.amount / 2;
}
`;
const MAIN = `import { half } from './lib/price.ts';

type Env = Record<string, string>;

export default {
  fetch(request: Request | undefined, env: Env) {
    return half(undefined);
  },
};
`;

describe('mapStack()', () => {
  let directory: string;
  let modules: Record<string, Module>;
  let thrown: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'brink-stack-'));
    mkdirSync(join(directory, 'src/lib'), { recursive: true });
    writeFileSync(join(directory, 'src/index.ts'), MAIN);
    writeFileSync(join(directory, 'src/lib/price.ts'), PRICE);
    await build({
      absWorkingDir: directory,
      entryPoints: ['src/index.ts'],
      outfile: 'main.js',
      bundle: true,
      minify: true,
      keepNames: true,
      format: 'esm',
      sourcemap: 'external',
    });
    modules = {
      'main.js': module('js', readFileSync(join(directory, 'main.js'))),
      'main.js.map': module('map', readFileSync(join(directory, 'main.js.map'))),
    };
    thrown = await stackOf(join(directory, 'main.js'));
  });
  afterAll(() => removeFolder(directory));

  it('makes a place of the offset in a wasm module that has a map, and of no other', () => {
    // Offsets 10 to 19 are line 7, column 3 of src/lib.rs; 20 and more are of nobody.
    const map = JSON.stringify({ version: 3, sources: ['src/lib.rs'], names: [], mappings: 'UAME,U' });
    const wasm = { 'core0.wasm.map': module('map', new TextEncoder().encode(map)) };
    const told = (frame: string) => mapStack(`    at f (${frame})`, wasm);
    expect(['core0.wasm:0xa', 'core0.wasm:0x13'].map(told)).toEqual(Array(2).fill('    at f (src/lib.rs:7:3)'));
    for (const frame of ['core0.wasm:0x9', 'core0.wasm:0x14', 'core1.wasm:0xa', 'wasm:0xa', 'core0.wasm:0xffffffffff'])
      expect(told(frame)).toBe(`    at f (${frame})`);
  });

  it("names the author's files, lines and columns in a stack of the bundle", () => {
    const mapped = mapStack(thrown.replaceAll(`${directory}/`, 'brink:///'), modules);
    expect(mapped).toMatch(/^TypeError: .*amount/);
    expect(mapped).toContain('src/lib/price.ts:5:17');
    expect(mapped).toContain('src/index.ts:7:12');
    expect(mapped).not.toContain('brink:');
    expect(mapped).not.toContain('main.js');
  });

  it('maps frames that carry a bare module name', () => {
    const mapped = mapStack(thrown.replaceAll(`${directory}/`, ''), modules);
    expect(mapped).toContain('src/lib/price.ts:5:17');
  });

  it('leaves a frame without a map in its module', () => {
    const stack = 'Error: no\n    at f (brink:///lib/other.js:10:5)\n    at node:internal/process:1:2';
    expect(mapStack(stack, modules)).toBe('Error: no\n    at f (lib/other.js:10:5)\n    at node:internal/process:1:2');
  });

  it('leaves a frame that the map does not know', () => {
    expect(mapStack('at f (main.js:99999:1)', modules)).toBe('at f (main.js:99999:1)');
  });

  it('leaves text without frames as it is', () => {
    for (const text of ['', 'Error: 10:30 is too late', 'see http://main.test/a:1:2']) expect(mapStack(text, modules)).toBe(text);
  });

  it('takes a map that cannot be read for none', () => {
    const broken = { ...modules, 'main.js.map': module('map', new TextEncoder().encode('{"version":3')) };
    expect(mapStack('at f (main.js:1:5)', broken)).toBe('at f (main.js:1:5)');
  });

  it('takes nothing but a map for a map', () => {
    const text = { ...modules, 'main.js.map': { ...modules['main.js.map']!, type: 'text' as const } };
    expect(mapStack('at f (main.js:1:5)', text)).toBe('at f (main.js:1:5)');
    expect(mapStack('at f (constructor.js:1:5)', modules)).toBe('at f (constructor.js:1:5)');
  });

  it.each([
    ['letters', 'a'],
    ['folders', 'a/'],
    ['endings', '.js'],
    ['dots and slashes', '../'],
    ['colons', 'a.js:1'],
  ])('is quick with long messages of %s, on one line or on many', (_name, unit) => {
    for (const message of [unit.repeat(200_000 / unit.length), `${unit.repeat(1_000 / unit.length)}\n`.repeat(1_000)]) {
      const began = performance.now();
      mapStack(message, modules);
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });
});

async function stackOf(path: string): Promise<string> {
  const { default: main } = (await import(pathToFileURL(path).href)) as { default: { fetch(): unknown } };
  try {
    main.fetch();
  } catch (error) {
    return (error as Error).stack!.replaceAll('file://', '');
  }
  throw new Error('The bundle did not throw.');
}

function module(type: Module['type'], bytes: Uint8Array): Module {
  return { type, bytes: new Uint8Array(bytes) };
}
