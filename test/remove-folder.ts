import { rmSync } from 'node:fs';

/** A process that has been killed may write a moment longer, and a folder that it writes to is not empty again and again. */
export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
