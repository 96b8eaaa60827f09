import { headerValues } from '../../registry/gateway/headers.ts';

/** What a policy has said of a request. */
export interface Decision {
  readonly allow: boolean;
  readonly reason: string | null;
  /** Of the request that the function gets, where it is let through. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Of the answer, where it is not. */
  readonly status: number;
}

const KEYS: ReadonlySet<string> = new Set(['allow', 'reason', 'headers', 'status']);
const MAX_REASON = 1_000;
const MAX_HEADERS = 64;
const DENIED = 403;
/** Those that ask for credentials need a challenge (RFC 9110, sections 15.5.2 and 15.5.8), which is `auth`'s to say. */
const CHALLENGES: ReadonlySet<unknown> = new Set([401, 407]);

/**
 * Reads what a policy's cell has answered. What is undefined is a no.
 *
 * @throws {Error} why it is no decision
 */
export function readDecision(answer: unknown): Decision {
  if (!isTable(answer)) throw new Error('its answer is none');
  if (typeof answer['failure'] === 'string') throw new Error(answer['failure']);
  const { results } = answer;
  if (!Array.isArray(results)) throw new Error('it gives no set of results');
  if (results.length === 0) return { allow: false, reason: null, headers: [], status: DENIED };
  const [first] = results as unknown[];
  if (results.length > 1 || !isTable(first)) throw new Error('it gives more than one result, or none that can be read');
  return decisionOf(first['result']);
}

function decisionOf(result: unknown): Decision {
  if (typeof result === 'boolean') return { allow: result, reason: null, headers: [], status: DENIED };
  if (!isTable(result)) throw new Error('it decides neither true, false nor an object with allow');
  const { allow, reason, headers, status = DENIED } = result;
  const unknown = Object.keys(result).find((key) => !KEYS.has(key));
  if (unknown !== undefined) throw new Error(`its decision has ${JSON.stringify(unknown.slice(0, 100))}, which nobody knows`);
  if (typeof allow !== 'boolean') throw new Error('allow of its decision is neither true nor false');
  if (reason !== undefined && typeof reason !== 'string') throw new Error('reason of its decision is no string');
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 499 || CHALLENGES.has(status))
    throw new Error('status of its decision is not a number from 400 to 499, or 401 or 407');
  return { allow, reason: reason?.slice(0, MAX_REASON) ?? null, headers: headersOf(headers), status };
}

function headersOf(headers: unknown = {}): Decision['headers'] {
  const read = headerValues.safeParse(headers);
  if (!read.success) throw new Error(`headers of its decision cannot be set: ${read.error.issues[0]!.message}`);
  const entries = Object.entries(read.data);
  if (entries.length > MAX_HEADERS) throw new Error(`its decision has more than ${MAX_HEADERS} headers`);
  return entries;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
