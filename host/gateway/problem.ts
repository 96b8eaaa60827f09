import { toBrinkError, type BrinkError } from '../errors.ts';

/** RFC 9457 problem details as this host writes them; an error's `details` are extension members beside these (section 3.2). */
export interface Problem {
  /** `urn:brink:error:{code}` */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** One of the codes of `host/errors.ts`; stable, for programs. */
  readonly code: string;
  readonly [fact: string]: unknown;
}

export interface ProblemExtra {
  /** More members for the body, such as `requestId`. */
  readonly members?: Record<string, unknown>;
  readonly headers?: HeadersInit;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const utf8 = new TextEncoder();
const problems = new WeakMap<Response, BrinkError>();

/** The error that a response of `problemResponse` was made of; null of any other, whatever it looks like. */
export function problemOf(response: Response): BrinkError | null {
  return problems.get(response) ?? null;
}

/** Errors become HTTP here and nowhere else. Causes and stacks stay in the host; a stranger's error says only `internal`. */
export function problemResponse(error: unknown, { members, headers }: ProblemExtra = {}): Response {
  const known = toBrinkError(error);
  const standard = standardMembers(known);
  // Twice: first so that it is read first, last so that no fact takes its place.
  const problem: Problem = { ...standard, ...known.details, ...members, ...standard };
  const out = new Headers(headers);
  out.set('content-type', PROBLEM_MEDIA_TYPE);
  if (!out.has('cache-control')) out.set('cache-control', 'no-store');
  // RFC 9110, section 15.5.2: a 401 names the scheme that it wants.
  if (known.status === 401 && !out.has('www-authenticate')) out.set('www-authenticate', 'Bearer realm="brink"');
  // RFC 9110, section 15.5.6: a 405 names the methods that there are.
  const allow = known.details?.['allow'];
  if (known.status === 405 && Array.isArray(allow)) out.set('allow', allow.join(', '));
  // RFC 9110, section 10.2.3: when to try again, in seconds.
  const retryAfter = known.details?.['retryAfter'];
  if ((known.status === 503 || known.status === 429 || known.status === 409) && typeof retryAfter === 'number')
    out.set('retry-after', String(retryAfter));
  const body = utf8.encode(JSON.stringify(problem));
  // So that whoever counts it need not read it: what is read is another response, and no problem any more.
  out.set('content-length', String(body.byteLength));
  const response = new Response(body, { status: known.status, headers: out });
  problems.set(response, known);
  return response;
}

function standardMembers({ code, status, message }: BrinkError): Pick<Problem, 'type' | 'title' | 'status' | 'detail' | 'code'> {
  return { type: `urn:brink:error:${code}`, title: titleOf(code), status, detail: message, code };
}

function titleOf(code: string): string {
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll('-', ' ');
}
