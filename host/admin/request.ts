import { entityTag } from './precondition.ts';

/** What requests of the client are made of. */
export type SendOptions = Pick<RequestInit, 'body' | 'headers' | 'signal'>;

export function withBody(value: unknown, headers: Record<string, string> = {}): SendOptions {
  return { body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } };
}

/** @param ifRevision undefined: whatever there is; 0: there must be nothing */
export function preconditions(ifRevision: number | undefined): Record<string, string> {
  if (ifRevision === undefined) return {};
  return ifRevision === 0 ? { 'if-none-match': '*' } : { 'if-match': entityTag(ifRevision) };
}

export function segment(value: string | number): string {
  return encodeURIComponent(value);
}
