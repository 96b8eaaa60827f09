import { MAX_KEPT, type Headed, type KeptResponse } from './record.ts';

export interface ReadBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where there was more than is kept: all of it, from its beginning. */
  readonly rest: ReadableStream<Uint8Array> | null;
}

/** Reads a body as far as it is kept. */
export async function readBody(body: ReadableStream<Uint8Array> | null): Promise<ReadBody> {
  const parts: Uint8Array[] = [];
  if (body === null) return { bytes: new Uint8Array(), rest: null };
  const reader = body.getReader();
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.byteLength;
    if (size > MAX_KEPT) return { bytes: new Uint8Array(), rest: resumed(parts, reader) };
  }
  return { bytes: new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer()), rest: null };
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

export async function sha256(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const bytes = new Uint8Array(await new Blob(parts as (string | Uint8Array<ArrayBuffer>)[]).arrayBuffer());
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function resumed(parts: readonly Uint8Array[], reader: ReadableStreamDefaultReader<Uint8Array>): ReadableStream<Uint8Array> {
  const begun = [...parts];
  return new ReadableStream({
    async pull(controller) {
      const part = begun.shift();
      if (part !== undefined) return controller.enqueue(part);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
