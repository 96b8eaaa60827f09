import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The admin token in a state directory, made at the first start; no one but its owner may read it. */
export function keptToken(directory: string): string {
  const file = join(directory, 'token');
  if (!existsSync(file)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, `${newToken()}\n`, { mode: 0o600 });
  }
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}

/** 256 bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}
