import type { Encoding } from './entry.ts';

const BEST_FIRST: readonly Encoding[] = ['br', 'gzip', 'identity'];

/** The encoding that a client likes best of those that there are (RFC 9110, section 12.5.3). */
export function encodingFor(accepted: string | null, there: readonly Encoding[]): Encoding {
  const weights = new Map((accepted ?? '').split(',').map(weightOf));
  // What is not named is `*`; without that only what is as it is.
  const weight = (encoding: Encoding) => weights.get(encoding) ?? weights.get('*') ?? (encoding === 'identity' ? 0.001 : 0);
  const best = BEST_FIRST.filter((encoding) => there.includes(encoding)).sort((a, b) => weight(b) - weight(a))[0]!;
  return weight(best) > 0 ? best : 'identity';
}

function weightOf(item: string): [name: string, weight: number] {
  const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return [name, weight >= 0 && weight <= 1 ? weight : 0];
}

/** Whether the client has this already (RFC 9110, section 13.1.2). */
export function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
