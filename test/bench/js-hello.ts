import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCE = `addEventListener('fetch', (event) => event.respondWith(new Response('hello')));\n`;

/** The world of `brink init --template component-js`, whose versions of WASI are those of the engine in jco. */
const WIT = fileURLToPath(new URL('../../host/cli/templates/component-js/wit', import.meta.url));
const JCO = fileURLToPath(new URL('./jco.js', import.meta.resolve('@bytecodealliance/jco')));

/**
 * Makes a component of JavaScript with the engine StarlingMonkey in it: 14 MB, in a quarter of a minute.
 *
 * @param dir gets the source and the component
 * @returns the component's path
 */
export async function makeJsHello(dir: string): Promise<string> {
  const source = join(dir, 'hello.js');
  const out = join(dir, 'hello.wasm');
  await writeFile(source, SOURCE);
  await promisify(execFile)(process.execPath, [JCO, 'componentize', source, '--wit', WIT, '--world-name', 'function', '--out', out]);
  return out;
}
