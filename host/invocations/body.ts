import { readBody as readUpTo, type ReadBody } from '../gateway/read-body.ts';
import { MAX_KEPT, type Headed, type KeptResponse } from './record.ts';

/** Reads a body as far as it is kept. */
export function readBody(body: ReadableStream<Uint8Array> | null): Promise<ReadBody> {
  return readUpTo(body, MAX_KEPT);
}

export function headed(headers: Headers): Headed {
  return [...headers];
}

export function keptOf({ status, headers }: Response, whole: boolean): KeptResponse {
  return { status, headers: headed(headers), whole };
}

/** The response that was kept. RFC 9110, section 6.4.1: those that have no body. */
export function responseOf({ status, headers }: KeptResponse, body: Uint8Array, added: Headed = []): Response {
  const without = status === 204 || status === 205 || status === 304;
  const all = new Headers();
  for (const [name, value] of [...headers, ...added]) all.append(name, value);
  return new Response(without ? null : (body as Uint8Array<ArrayBuffer>), { status, headers: all });
}
