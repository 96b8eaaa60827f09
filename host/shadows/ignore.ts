import { BrinkError } from '../errors.ts';

/** A place in JSON: names of members and numbers of items, from the outside in. */
export type Path = readonly (string | number)[];

/** What of two answers is not compared. */
export interface Ignored {
  readonly status: boolean;
  readonly body: boolean;
  /** @param name in lower case */
  header(name: string): boolean;
  /** The value there, with all that is in it. */
  value(path: Path): boolean;
}

/** `any`: one member or item, whichever. `deep`: any number of them. */
type Step = { readonly name: string } | 'any' | 'deep';

/**
 * What a response says of its own making, of the connection, or of what is compared anyway. Values of `set-cookie` are not
 * compared either (`compare.ts`).
 */
const HEADERS = new Set([
  'age',
  'alt-svc',
  'cf-ray',
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'server-timing',
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'x-request-id',
]);
const OWN = 'brink-';
const MAX_LENGTH = 300;
/** RFC 9110, section 5.6.2: a header's name is a token. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** `.name`, `..name`, `.*`, `[0]`, `[*]`, `['name']` of a JSONPath (RFC 9535). */
const STEP = /(\.\.|\.)([^.[\]'"*\s]+|\*)|(\.\.)?\[(?:(\d+|\*)|'([^']*)'|"([^"]*)")\]/y;

/** @throws {BrinkError} `shadow-invalid` where a rule cannot be read */
export function ignoredBy(rules: readonly string[]): Ignored {
  const headers = new Set<string>();
  const paths: (readonly Step[])[] = [];
  let [status, body] = [false, false];
  for (const rule of rules) {
    if (rule.length > MAX_LENGTH) throw invalid(rule.slice(0, 50), `has more than ${MAX_LENGTH} characters`);
    if (rule === 'status') status = true;
    else if (rule === 'body') body = true;
    else if (rule.startsWith('header:')) headers.add(headerIn(rule));
    else if (rule.startsWith('/')) paths.push(pointerOf(rule));
    else if (rule.startsWith('$')) paths.push(stepsOf(rule));
    else throw invalid(rule, 'is none');
  }
  return {
    status,
    body,
    header: (name) => HEADERS.has(name) || name.startsWith(OWN) || headers.has(name) || headers.has('*'),
    value: (path) => paths.some((steps) => matches(steps, path)),
  };
}

/** A path as rules have it, so that a report can be copied into one. Items are not told apart. */
export function pathText(path: Path): string {
  return `$${path.map((part) => (typeof part === 'number' ? '[*]' : /^[\w-]+$/.test(part) ? `.${part}` : `['${part.replaceAll("'", '')}']`)).join('')}`;
}

/** Whether a path begins with what the steps say, in time that grows with both and no faster. */
function matches(steps: readonly Step[], path: Path): boolean {
  // How many steps may have been gone.
  let gone = reached(steps, new Set([0]));
  for (const part of path) {
    if (gone.has(steps.length)) return true;
    const next = new Set<number>();
    for (const at of gone) {
      const step = steps[at]!;
      if (step === 'deep') next.add(at);
      else if (step === 'any' || step.name === String(part)) next.add(at + 1);
    }
    if (next.size === 0) return false;
    gone = reached(steps, next);
  }
  return gone.has(steps.length);
}

/** A `deep` step may be gone without a part of the path. */
function reached(steps: readonly Step[], gone: Set<number>): Set<number> {
  for (const at of gone) if (steps[at] === 'deep') gone.add(at + 1);
  return gone;
}

function headerIn(rule: string): string {
  const name = rule.slice('header:'.length).trim();
  if (!NAME.test(name)) throw invalid(rule, 'names no header');
  return name.toLowerCase();
}

/** RFC 6901, with `*` for any. */
function pointerOf(rule: string): Step[] {
  return rule
    .slice(1)
    .split('/')
    .map((part) => (part === '*' ? 'any' : { name: part.replaceAll('~1', '/').replaceAll('~0', '~') }));
}

function stepsOf(rule: string): Step[] {
  const steps: Step[] = [];
  for (let at = 1; at < rule.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const found = STEP.exec(rule);
    if (found === null) throw invalid(rule, `cannot be read from its character ${at + 1} on`);
    const [, dots, member, deep, item, single, double] = found;
    if (dots === '..' || deep !== undefined) steps.push('deep');
    const name = member ?? item ?? single ?? double!;
    steps.push(name === '*' && single === undefined && double === undefined ? 'any' : { name });
  }
  return steps;
}

function invalid(rule: string, why: string): BrinkError {
  return new BrinkError(
    'shadow-invalid',
    `Of what to ignore, ${JSON.stringify(rule)} ${why}. Rules are $.time, $.items[*].id, $..etag, /items/*/id, header:etag, status and body.`,
    { details: { rule } },
  );
}
