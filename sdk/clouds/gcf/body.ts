import { Buffer } from 'node:buffer';
import { parse } from 'node:querystring';

/** A body as the Functions Framework parses it, by its type. */
export interface ParsedBody {
  readonly body: unknown;
  /** undefined where there is no body. */
  readonly rawBody: Buffer | undefined;
}

/** The body is not what its type says: 400, as the framework answers. */
export class BadBody extends Error {}

const JSON_TYPE = /^application\/(?:json|cloudevents\+json|[^;]+\+json)\s*(?:;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const TEXT_TYPE = /^text\//i;

/** @throws {BadBody} */
export async function parsedBody(request: Request): Promise<ParsedBody> {
  if (request.body === null) return { body: {}, rawBody: undefined };
  const rawBody = Buffer.from(await request.arrayBuffer());
  if (rawBody.byteLength === 0) return { body: {}, rawBody: undefined };
  const type = request.headers.get('content-type') ?? '';
  if (JSON_TYPE.test(type)) return { body: jsonOf(rawBody), rawBody };
  if (FORM_TYPE.test(type)) return { body: { ...parse(rawBody.toString()) }, rawBody };
  return { body: TEXT_TYPE.test(type) ? rawBody.toString() : rawBody, rawBody };
}

/** Objects and lists alone, as body-parser takes them. */
function jsonOf(bytes: Buffer): unknown {
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadBody(error instanceof Error ? error.message : 'The body is no JSON.');
  }
  if (value === null || typeof value !== 'object') throw new BadBody('The body is JSON, but neither an object nor a list.');
  return value;
}
