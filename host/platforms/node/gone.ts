import type { Http2ServerRequest } from 'node:http2';
import type { NodeRaw } from './call.ts';

/** Whether the client of a request is there no more. */
export function hasGone({ incoming, outgoing }: NodeRaw): boolean {
  return incoming.httpVersionMajor === 2 ? (incoming as unknown as Http2ServerRequest).stream.destroyed : outgoing.destroyed;
}

/** In HTTP/2 a response counts as finished where its session has ended. */
export function brokeOff({ incoming }: NodeRaw): boolean {
  return incoming.httpVersionMajor === 2 && (incoming as unknown as Http2ServerRequest).aborted;
}
