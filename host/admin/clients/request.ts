import { entityTag } from '../precondition.ts';

/** What requests of the client are made of. */
export type SendOptions = Pick<RequestInit, 'body' | 'headers' | 'signal'>;

/** Makes a request, and gives the JSON that it is answered with. @throws {BrinkError} what the host answered */
export type Call = <Result>(method: string, path: string, init?: SendOptions) => Promise<Result>;

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

export function query(values: Record<string, string | number | boolean | undefined>): string {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))}`;
}
