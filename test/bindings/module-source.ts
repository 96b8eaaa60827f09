import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';

/** The text of a file of this folder without its types: a module of a function. */
export async function moduleSource(name: string): Promise<string> {
  const text = await readFile(new URL(name, import.meta.url), 'utf8');
  return (await transform(text, { loader: 'ts', format: 'esm', target: 'es2024' })).code;
}
