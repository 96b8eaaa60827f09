import { InvalidAnswer } from '../invalid-answer.ts';
import type { HttpEvent, LambdaSettings } from '../settings.ts';
import { bytesOfBase64 } from '../text.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the front of AWS says a body is, of which the function said nothing. */
const DEFAULT_TYPES: Readonly<Record<HttpEvent, string>> = {
  v2: 'text/plain; charset=utf-8',
  url: 'application/json',
  v1: 'application/json',
  alb: 'application/octet-stream',
  direct: 'application/json',
};
const BODILESS = [204, 205, 304];

/** The response that a front of AWS makes of a handler's result. @throws {InvalidAnswer} where it answers 502 */
export function httpAnswer({ event: shape, multi_value_headers: multiValue }: LambdaSettings, result: unknown): Response {
  const inferred = shape === 'v2' || shape === 'url';
  if (inferred && !(isTable(result) && 'statusCode' in result)) return inferredAnswer(result);
  if (!isTable(result))
    throw malformed(`gave ${result === null || result === undefined ? 'nothing' : typeof result} in place of an object with statusCode`);
  const status = statusOf(result);
  const headers = new Headers();
  const repeated = shape === 'v1' || (shape === 'alb' && multiValue);
  if (shape !== 'alb' || !multiValue) putHeaders(headers, result);
  if (repeated) putRepeated(headers, result);
  if (inferred) putCookies(headers, result);
  const body = bodyOf(result);
  if (body !== null && !headers.has('content-type')) headers.set('content-type', DEFAULT_TYPES[shape]);
  return new Response(BODILESS.includes(status) ? null : body, { status, headers });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.v2 */
function inferredAnswer(result: unknown): Response {
  const body = typeof result === 'string' ? result : jsonOf(result);
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}

/** A result as JSON, which for nothing is null. @throws {InvalidAnswer} where it has none */
export function jsonOf(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (cause) {
    throw malformed(`gave what JSON cannot hold: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** @throws {InvalidAnswer} */
export function statusOf({ statusCode }: Fields): number {
  const status = typeof statusCode === 'string' && /^\d{3}$/.test(statusCode) ? Number(statusCode) : statusCode;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599)
    throw malformed(`gave the statusCode ${JSON.stringify(statusCode) ?? 'undefined'}; it must be a whole number, 200 to 599`);
  return status;
}

/** @throws {InvalidAnswer} */
export function putHeaders(headers: Headers, { headers: given }: Fields): void {
  for (const [name, value] of entries(given, 'headers')) {
    if (value !== null && value !== undefined) put(headers, name, { value, replace: true });
  }
}

/** @throws {InvalidAnswer} */
export function putCookies(headers: Headers, { cookies }: Fields): void {
  if (cookies === undefined || cookies === null) return;
  if (!Array.isArray(cookies)) throw malformed('gave cookies that are no list of strings');
  for (const cookie of cookies as unknown[]) put(headers, 'set-cookie', { value: cookie, replace: false });
}

/** Of a header that is in both, only what is here is sent. */
function putRepeated(headers: Headers, { multiValueHeaders }: Fields): void {
  for (const [name, values] of entries(multiValueHeaders, 'multiValueHeaders')) {
    if (!Array.isArray(values)) throw malformed(`gave multiValueHeaders whose ${name} is no list`);
    values.forEach((value: unknown, index) => put(headers, name, { value, replace: index === 0 }));
  }
}

function put(headers: Headers, name: string, { value, replace }: { value: unknown; replace: boolean }): void {
  if (!['string', 'number', 'boolean'].includes(typeof value))
    throw malformed(`gave a header ${name} that is ${value === null ? 'null' : typeof value} and no string`);
  try {
    if (replace) headers.set(name, String(value));
    else headers.append(name, String(value));
  } catch (cause) {
    throw malformed(
      `gave a header ${JSON.stringify(name)} that HTTP cannot carry (${cause instanceof Error ? cause.message : 'it is invalid'})`,
    );
  }
}

function bodyOf({ body, isBase64Encoded }: Fields): BodyInit | null {
  if (body === undefined || body === null || body === '') return null;
  if (typeof body === 'number' || typeof body === 'boolean') return String(body);
  if (typeof body !== 'string') throw malformed(`gave a body that is ${typeof body}; it must be a string: JSON.stringify(body)`);
  return isBase64Encoded === true ? bytesOfBase64(body) : body;
}

function entries(value: unknown, name: string): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (!isTable(value)) throw malformed(`gave ${name} that are no object`);
  return Object.entries(value);
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** AWS's own words, and what they leave out. */
function malformed(what: string): InvalidAnswer {
  return new InvalidAnswer(`Malformed Lambda proxy response: the handler ${what}.`);
}
