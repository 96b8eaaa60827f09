import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAYERS } from './layers.ts';

export interface Import {
  readonly file: string;
  /** A path from the repository's root, `node:…`, or a package's name. */
  readonly target: string;
  readonly typeOnly: boolean;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['host/**/*.{ts,js}', 'sdk/**/*.ts', 'functions/**/*.ts'];
/** Tests may import everything; templates are copied, not imported. */
const LEFT_OUT = /\.test\.ts$|^host\/cli\/templates\/|\/node_modules\//;

const STATEMENT = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[\w$*\s{},]+?\s+from\s+)?['"]([^'"\n]+)['"]/gm;
const CALL = /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)(\.\w)?/g;

export function sourceFiles(): string[] {
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT }));
  return files.map((file) => file.replaceAll('\\', '/')).filter((file) => !LEFT_OUT.test(file));
}

export function importsOf(file: string, text = readFileSync(join(ROOT, file), 'utf8')): Import[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const target = (specifier: string) => (specifier.startsWith('.') ? posix.join(dirname(file), specifier) : packageName(specifier));
  const statements = [...code.matchAll(STATEMENT)].map(([, type, specifier]) => ({
    file,
    target: target(specifier!),
    typeOnly: type !== undefined,
  }));
  const calls = [...code.matchAll(CALL)].map(([, specifier, member]) => ({
    file,
    target: target(specifier!),
    typeOnly: member !== undefined,
  }));
  return [...statements, ...calls];
}

/** The row of a path: that of the file itself, of its folder, or of one above that holds for the folders below. */
export function layerOf(path: string): string | undefined {
  if (path in LAYERS || path === 'package.json') return path;
  const folder = dirname(path).replace(/^functions\/[^/]+/, 'functions/*');
  if (folder in LAYERS) return folder;
  for (let above = dirname(folder); above !== '.'; above = dirname(above)) if (LAYERS[above]?.deep) return above;
  return undefined;
}

function packageName(specifier: string): string {
  if (/^[a-z]+:/.test(specifier)) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
