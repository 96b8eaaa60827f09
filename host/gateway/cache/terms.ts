import type { CacheRule } from '../../registry/gateway/cache.ts';
import { isEventStream, valueIn } from '../header-lines.ts';
import { cacheControl, fieldNames, secondsOf, targetedControl, type Directives } from './directives.ts';
import { httpDate } from './http-date.ts';

/** On which terms a response is kept. */
export interface Terms {
  /** How long it is fresh, from when it was made, in ms; 0 where it has to be validated each time. */
  readonly lifetime: number;
  /** How old it was when it came, in ms. RFC 9111, section 4.2.3. */
  readonly age: number;
  /** Whether it may be used stale at all: where the function cannot be asked, or who asks would take it. Section 4.2.4. */
  readonly stale: boolean;
  /** How long after `lifetime` it is used while another is fetched, or where that fails; ms. */
  readonly whileRevalidate: number;
  readonly ifError: number;
  /** Fields that are not kept, in lower case. */
  readonly without: readonly string[];
}

/** A response, as it is looked at. */
export interface ResponseHead {
  readonly status: number;
  /** name, value, name, value…; names in lower case. */
  readonly lines: readonly string[];
}

export interface TermsOptions {
  readonly rule: CacheRule;
  /** Whether it was made for someone who has said who they are, and for them alone unless it says otherwise. Section 3.5. */
  readonly personal: boolean;
  /** When it was asked for and when it came, in ms since the epoch. */
  readonly asked: number;
  readonly came: number;
}

/** Those with a meaning for caches that is known here, for `must-understand`. Section 5.2.2.3. */
const UNDERSTOOD = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 501]);
/** RFC 9110, section 15.1; 206 is kept by its range. */
const HEURISTIC = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);
/** RFC 9111, section 4.2.2: a share of the time since it was changed, and no more than a day. */
const SHARE = 0.1;
const MOST_GUESSED = 86_400;
/** Sections 3.1 and 7.6.1 of RFC 9110: of one connection, or of one proxy. */
const NEVER_KEPT = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Whether a response to a GET may be kept, by RFC 9111, section 3, for a shared cache; null where it may not. */
export function termsOf({ status, lines }: ResponseHead, { rule, personal, asked, came }: TermsOptions): Terms | null {
  if (status < 200 || status === 304 || status === 101) return null;
  const targeted = targetedControl(valueIn(lines, 'cdn-cache-control'));
  const control = targeted ?? cacheControl(valueIn(lines, 'cache-control'));
  if (control.has('must-understand') ? !UNDERSTOOD.has(status) : control.has('no-store')) return null;
  const ofPrivate = control.get('private');
  if (ofPrivate === true) return null;
  if (personal && !['public', 'must-revalidate', 's-maxage'].some((name) => control.has(name))) return null;
  const vary = valueIn(lines, 'vary');
  if (vary !== null && fieldNames(vary).includes('*')) return null;
  if (isEventStream(lines)) return null;
  const cookies = valueIn(lines, 'set-cookie') !== null;
  const unnamed = ofPrivate === undefined || !fieldNames(ofPrivate).includes('set-cookie');
  if (cookies && rule.set_cookie === 'skip' && unnamed && !namesOf(control, 'no-cache').includes('set-cookie')) return null;

  const date = httpDate(valueIn(lines, 'date'), came) ?? came;
  const explicit = explicitLifetime({ control, lines, date, targeted: targeted !== null });
  const validate = control.get('no-cache') === true;
  const guessed = explicit === null && !validate ? guessedLifetime({ status, lines, control, date, rule, came }) : null;
  const seconds = explicit ?? guessed;
  const validated = valueIn(lines, 'etag') !== null || valueIn(lines, 'last-modified') !== null;
  if (seconds === null && !(validated && HEURISTIC.has(status))) return null;
  const strict = validate || ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => control.has(name));
  const terms: Terms = {
    lifetime: validate || seconds === null ? 0 : seconds * 1000,
    age: initialAge({ lines, date, asked, came }),
    stale: !strict,
    whileRevalidate: strict ? 0 : (secondsOf(control, 'stale-while-revalidate') ?? rule.stale_while_revalidate) * 1000,
    ifError: strict ? 0 : (secondsOf(control, 'stale-if-error') ?? rule.stale_if_error) * 1000,
    without: [
      ...NEVER_KEPT,
      ...fieldNames(valueIn(lines, 'connection')),
      ...namesOf(control, 'no-cache'),
      ...namesOf(control, 'private'),
      ...(cookies && rule.set_cookie === 'strip' ? ['set-cookie'] : []),
    ],
  };
  // Nothing could be done with it.
  return terms.lifetime === 0 && !validated && terms.whileRevalidate === 0 && terms.ifError === 0 ? null : terms;
}

/** RFC 9111, section 4.2.1. Where a targeted field says it, Expires does not count: RFC 9213, section 2.2. */
function explicitLifetime(of: { control: Directives; lines: readonly string[]; date: number; targeted: boolean }): number | null {
  const { control, lines, date, targeted } = of;
  const maximum = secondsOf(control, 's-maxage') ?? secondsOf(control, 'max-age');
  if (maximum !== null || targeted) return maximum;
  const expires = valueIn(lines, 'expires');
  if (expires === null) return null;
  // What is no date has passed: section 5.3.
  const time = httpDate(expires, date);
  return time === null ? 0 : Math.max(0, (time - date) / 1000);
}

interface Guess {
  readonly status: number;
  readonly lines: readonly string[];
  readonly control: Directives;
  readonly date: number;
  readonly rule: CacheRule;
  readonly came: number;
}

function guessedLifetime({ status, lines, control, date, rule, came }: Guess): number | null {
  if (!HEURISTIC.has(status) && !control.has('public')) return null;
  const modified = rule.heuristic ? httpDate(valueIn(lines, 'last-modified'), came) : null;
  if (modified !== null) return Math.min(MOST_GUESSED, Math.max(0, ((date - modified) / 1000) * SHARE));
  return rule.ttl > 0 ? rule.ttl : null;
}

/** Section 4.2.3; of several values the first counts, and one that is no number does not: section 5.1. */
function initialAge({ lines, date, asked, came }: { lines: readonly string[]; date: number; asked: number; came: number }): number {
  const given = /^\s*(\d+)\s*(?:,|$)/.exec(valueIn(lines, 'age') ?? '')?.[1] ?? '0';
  return Math.max(0, came - date, Number(given) * 1000 + (came - asked));
}

function namesOf(control: Directives, name: string): string[] {
  const value = control.get(name);
  return typeof value === 'string' ? fieldNames(value) : [];
}
