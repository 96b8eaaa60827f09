import { readFile } from 'node:fs/promises';
import { BrinkError } from '../errors.ts';
import { codeFrame } from './frame.ts';

const LISTENS = /\baddEventListener\(\s*(["'`])fetch\1/;

const WAY_OUT =
  'Export the handler from the main module instead: export default { fetch(request, env, ctx) { … } }. What event.respondWith() got is ' +
  'returned, event.waitUntil() is ctx.waitUntil(), and variables are in env, no longer globals.';

export interface Bundled {
  readonly code: string;
  /** What the bundle exports. */
  readonly exports: readonly string[];
  /** Absolute paths of its sources. */
  readonly inputs: Iterable<string>;
  /** How a path is told to the author. */
  readonly stable: (path: string) => string;
}

/**
 * A Worker without a default export that listens for requests is of the generation before modules. It is refused where it
 * is built, because a cell could only say that it exports no handler.
 *
 * @throws {BrinkError} `handlers-missing` with the place of the listener
 */
export async function refuseServiceWorker({ code, exports, inputs, stable }: Bundled): Promise<void> {
  if (exports.includes('default') || !LISTENS.test(code)) return;
  const place = await findListener(inputs, stable);
  const { frame, ...at } = place ?? {};
  throw new BrinkError(
    'handlers-missing',
    `${place === null ? '' : `${place.file}:${place.line}:${place.column}: `}addEventListener("fetch", …) is service-worker syntax, ` +
      `which does not run here. ${WAY_OUT}${frame === undefined ? '' : `\n\n${frame}`}`,
    { details: { ...at, ...(frame !== undefined && { frame }) } },
  );
}

async function findListener(
  inputs: Iterable<string>,
  stable: (path: string) => string,
): Promise<{ file: string; line: number; column: number; frame: string } | null> {
  for (const path of inputs) {
    const text = await readFile(path, 'utf8').catch(() => '');
    const at = LISTENS.exec(text)?.index;
    if (at === undefined) continue;
    const before = text.slice(0, at).split('\n');
    const [line, column] = [before.length, before.at(-1)!.length + 1];
    return { file: stable(path), line, column, frame: codeFrame(text, line, column) };
  }
  return null;
}
