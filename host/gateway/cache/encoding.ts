import type { Coding } from '../../registry/gateway/compress.ts';
import type { Whole } from './messages.ts';
import { weighted } from './vary.ts';

/** How a platform compresses. */
export interface Encoding {
  readonly codings: readonly Coding[];
  whole(body: Whole, coding: Coding): Promise<Whole>;
  /** What comes leaves at once, as much as the coding lets it. */
  stream(body: ReadableStream<Uint8Array>, coding: Coding): ReadableStream<Uint8Array>;
}

/** Where nothing can be compressed. */
export const noEncoding: Encoding = {
  codings: [],
  whole: (body) => Promise.resolve(body),
  stream: (body) => body,
};

/** The coding that a client wants most, of several alike the first; null: it wants the bytes as they are. RFC 9110, section 12.5.3. */
export function codingFor(accepted: string | null, codings: readonly Coding[]): Coding | null {
  if (accepted === null) return null;
  const weights = new Map(weighted(accepted).map(({ name, weight }) => [name === 'x-gzip' ? 'gzip' : name, weight]));
  const any = weights.get('*') ?? 0;
  let best: Coding | null = null;
  let most = 0;
  for (const coding of codings) {
    const weight = weights.get(coding) ?? any;
    if (weight <= most) continue;
    most = weight;
    best = coding;
  }
  return best !== null && (weights.get('identity') ?? 0) <= most ? best : null;
}
