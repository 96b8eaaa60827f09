import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Sends 100 when someone begins to read the body, and not before: then a function that answers without it spares the
 * client the upload. RFC 9110, section 10.1.1.
 */
export function continueWhenRead(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const keep = outgoing.shouldKeepAlive;
  // Who was answered without 100 may send the body or not: what follows on the connection could be either.
  outgoing.shouldKeepAlive = false;
  incoming._read = function (size: number) {
    delete (incoming as Partial<IncomingMessage>)._read;
    if (!outgoing.headersSent && !outgoing.destroyed) {
      outgoing.shouldKeepAlive = keep;
      outgoing.writeContinue();
    }
    this._read(size);
  };
}

/** Whether the client waits for 100. One of HTTP/1.0 cannot. */
export function awaitsContinue({ headers, httpVersionMinor, httpVersionMajor }: IncomingMessage): boolean {
  return headers.expect !== undefined && (httpVersionMajor > 1 || httpVersionMinor > 0);
}
