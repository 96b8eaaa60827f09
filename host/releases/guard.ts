import { BrinkError } from '../errors.ts';

/** One condition of a guard. */
export type Term = RateTerm | LatencyTerm | RequestsTerm;

/** Of all requests of the new version, the share that fails stays below this one, or below a multiple of the old version's. */
export interface RateTerm {
  readonly kind: 'error_rate';
  readonly text: string;
  readonly limit: { readonly share: number } | { readonly times: number };
}

/** A share of the requests takes less than this, or than a multiple of what that share of the old version's takes. */
export interface LatencyTerm {
  readonly kind: 'p50' | 'p95' | 'p99';
  readonly text: string;
  readonly limit: { readonly ms: number } | { readonly times: number };
}

/** So many requests of the new version before a step ends. */
export interface RequestsTerm {
  readonly kind: 'requests';
  readonly text: string;
  readonly least: number;
}

export const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

const MAX_LENGTH = 300;
const MAX_TERMS = 8;
const NAMES = ['error_rate', 'p50', 'p95', 'p99', 'requests'] as const;
const TERM = /^([a-z_][a-z0-9_]*)(\s*)(<=|>=|<|>|==|=|!=)?(\s*)([0-9.]*)([a-z%]*)/i;

/**
 * Reads `error_rate<1% && p95<1.2x && requests>=500`. An empty text is a guard of no conditions.
 *
 * @throws {BrinkError} `guard-invalid`, with the place
 */
export function parseGuard(text: string): readonly Term[] {
  if (text.length > MAX_LENGTH) throw invalid(text, MAX_LENGTH, `it has ${text.length} characters, and at most ${MAX_LENGTH} are read`);
  if (text.trim() === '') return [];
  const terms: Term[] = [];
  let at = 0;
  for (const part of text.split('&&')) {
    const start = at + (part.length - part.trimStart().length);
    terms.push(termOf(text, start, part.trim()));
    at += part.length + '&&'.length;
  }
  if (terms.length > MAX_TERMS) throw invalid(text, 0, `it has ${terms.length} conditions, and at most ${MAX_TERMS} are tested`);
  return terms;
}

function termOf(guard: string, at: number, text: string): Term {
  const matched = TERM.exec(text);
  if (text === '' || matched === null) throw invalid(guard, at, `a condition begins with one of ${NAMES.join(', ')}`);
  const [whole, name = '', gap = '', operator, next = '', number = '', unit = ''] = matched;
  if (!(NAMES as readonly string[]).includes(name)) throw invalid(guard, at, `${name} is not measured; ${NAMES.join(', ')} are`);
  const operatorAt = at + name.length + gap.length;
  const wanted = name === 'requests' ? ['>=', '>'] : ['<', '<='];
  if (operator === undefined || !wanted.includes(operator)) {
    throw invalid(guard, operatorAt, `${name} is followed by ${wanted.join(' or ')}`);
  }
  const valueAt = operatorAt + operator.length + next.length;
  if (!/^\d+(\.\d+)?$/.test(number)) throw invalid(guard, valueAt, `a number is missing, as in ${EXAMPLES[name as Term['kind']]}`);
  if (whole.length < text.length) throw invalid(guard, at + whole.length, 'conditions are joined by && and by nothing else');
  const kind = name as Term['kind'];
  const value = Number(number);
  if (kind === 'requests') {
    if (unit !== '' || !Number.isSafeInteger(value))
      throw invalid(guard, valueAt, `requests are a whole number, as in ${EXAMPLES.requests}`);
    return { kind, text, least: operator === '>' ? value + 1 : value };
  }
  const limit = limitOf(kind, value, unit);
  if (limit === null) throw invalid(guard, valueAt, `${kind} is compared with ${UNITS[kind]}, as in ${EXAMPLES[kind]}`);
  return { kind, text, limit } as Term;
}

function limitOf(kind: Exclude<Term['kind'], 'requests'>, value: number, unit: string): RateTerm['limit'] | LatencyTerm['limit'] | null {
  if (unit === 'x') return value >= 1 && value <= 1_000 ? { times: value } : null;
  if (kind === 'error_rate') return unit === '%' && value > 0 && value < 100 ? { share: value / 100 } : null;
  const ms = unit === 'ms' ? value : unit === 's' ? value * 1_000 : 0;
  return ms > 0 && ms <= 3_600_000 ? { ms } : null;
}

const RATE_UNITS = 'a share between 0% and 100%, or a multiple of the old version’s from 1x to 1000x';
const TIME_UNITS = 'a time in ms or s, or a multiple of the old version’s from 1x to 1000x';
const UNITS = { error_rate: RATE_UNITS, p50: TIME_UNITS, p95: TIME_UNITS, p99: TIME_UNITS } as const;
const EXAMPLES: Readonly<Record<Term['kind'], string>> = {
  error_rate: 'error_rate<1%',
  p50: 'p50<80ms',
  p95: 'p95<1.2x',
  p99: 'p99<2x',
  requests: 'requests>=500',
};

function invalid(guard: string, at: number, why: string): BrinkError {
  const near = guard.slice(at, at + 20);
  const place = near === '' ? 'its end' : `character ${at + 1}, ${JSON.stringify(near)}`;
  return new BrinkError('guard-invalid', `The guard cannot be read at ${place}: ${why}.`, { details: { at, near } });
}
