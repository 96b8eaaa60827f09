import { Fields } from '../../../host/component/wasi/http/fields.ts';
import type { OutgoingBody } from '../../../host/component/wasi/http-0.2/outgoing-body.ts';
import { types } from '../../../host/component/wasi/http-0.2/types.ts';
import type { OutputStream } from '../../../host/component/wasi/io/output-stream.ts';
import type { Ok } from '../../../host/component/wasi/values/result.ts';
import { functionsOf, type Functions } from '../wasi/fake-world.ts';

/** wasi:http/types, as a guest calls it. */
export const http: Functions = functionsOf(types);

export const DONE = { tag: 'ok', val: undefined };
export const CLOSED = { tag: 'err', val: { tag: 'closed' } };
export const ERR = { tag: 'err', val: undefined };

export const text = (string: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(string);

export function value<T>(result: unknown): T {
  const { tag, val } = result as Ok<T>;
  if (tag !== 'ok') throw new Error(`It is ${JSON.stringify(result)}.`);
  return val;
}

export function headers(lines: Readonly<Record<string, string>> = {}): Fields {
  return value(Fields.fromList(Object.entries(lines).map(([name, line]) => [name, text(line)] as const)));
}

/** The body of a message with its stream. */
export interface Written {
  readonly body: OutgoingBody;
  readonly stream: OutputStream;
}

export function bodyOf(message: unknown, kind: 'request' | 'response'): Written {
  const body = value<OutgoingBody>(http[`[method]outgoing-${kind}.body`]!(message));
  return { body, stream: value(http['[method]outgoing-body.write']!(body)) };
}

export function write({ stream }: Written, content: string | Uint8Array<ArrayBuffer>): unknown {
  const checked = stream.checkWrite();
  return checked.tag === 'err' ? checked : stream.write(typeof content === 'string' ? text(content) : content);
}

/** Drops the stream, then finishes the body. */
export function finish({ body, stream }: Written, trailers?: Fields): unknown {
  stream[Symbol.dispose]();
  return http['[static]outgoing-body.finish']!(body, trailers);
}
