import { fstatSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as after } from 'node:timers/promises';

const BODY_METHODS = /^(?:post|put|patch)$/i;
/** How long, in ms, a pipe that may have nothing to say is listened to. */
const PATIENCE = 250;

/**
 * The body that a shell gives on stdin; null where there is none. A pipe that no one asked for may be open and silent
 * for ever (as under a test runner or a service manager), so it gets a moment only.
 */
export async function readStdin({
  wanted,
  method,
}: {
  wanted: boolean;
  method: string | undefined;
}): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!wanted && (process.stdin.isTTY || (method !== undefined && !BODY_METHODS.test(method)) || !isPipeOrFile())) return null;
  const chunks: Buffer[] = [];
  const reader = process.stdin[Symbol.asyncIterator]();
  const first = reader.next() as Promise<IteratorResult<Buffer>>;
  const come = wanted ? await first : await Promise.race([first, after(PATIENCE, null)]);
  if (come === null) {
    process.stdin.destroy();
    return null;
  }
  for (let next = come; !next.done; next = (await reader.next()) as IteratorResult<Buffer>) chunks.push(next.value);
  return chunks.length === 0 && !wanted ? null : new Uint8Array(Buffer.concat(chunks));
}

function isPipeOrFile(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}
