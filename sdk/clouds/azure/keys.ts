import { createHash, timingSafeEqual } from 'node:crypto';
import process from 'node:process';
import type { AuthLevel } from './registry.ts';

/** The variables, or secrets, that keep the keys of a function app here. */
const KEYS = { function: ['AZURE_FUNCTION_KEY', 'AZURE_MASTER_KEY'], admin: ['AZURE_MASTER_KEY'] } as const;

/**
 * Whether a request may call a function of this level: by the header `x-functions-key` or by `?code=`, as in Azure. Without a
 * key that it could be, nobody may.
 */
export function mayCall(level: AuthLevel, request: Request): boolean {
  if (level === 'anonymous') return true;
  const given = request.headers.get('x-functions-key') ?? new URL(request.url).searchParams.get('code');
  if (given === null) return false;
  return KEYS[level].some((name) => {
    const key = process.env[name];
    return key !== undefined && key !== '' && timingSafeEqual(digest(given), digest(key));
  });
}

/** What is to be said of a level whose key nothing sets. */
export function missingKey(level: AuthLevel): string | undefined {
  if (level === 'anonymous' || KEYS[level].some((name) => (process.env[name] ?? '') !== '')) return undefined;
  return `authLevel "${level}" lets nobody in until a secret ${KEYS[level].join(' or ')} is set, which callers send as x-functions-key.`;
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
