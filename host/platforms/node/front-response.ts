import { ServerResponse } from 'node:http';

/** Who wants to know that a response has been written, or its connection has ended. */
export interface Watcher {
  closed(): void;
}

/** A response of HTTP/1.1. */
export class FrontResponse extends ServerResponse {
  /** In place of a listener, which would have to be made for each. */
  watcher: Watcher | null = null;

  static watch(outgoing: ServerResponse, watcher: Watcher): void {
    if (outgoing instanceof FrontResponse) {
      outgoing.watcher = watcher;
      outgoing.on('close', tell);
    } else outgoing.once('close', () => watcher.closed());
  }
}

function tell(this: FrontResponse): void {
  this.watcher!.closed();
}

/**
 * The responses of a server that keeps connections for so many ms, and looks after that itself (`letSlowGo`): of Node's own it
 * has no such time, and clients are to be told of it all the same.
 */
export function responsesOf(keepAliveTimeout: number): typeof FrontResponse {
  class KeptResponse extends FrontResponse {}
  // What Node writes into `Keep-Alive`; it would put there what the server has.
  Object.defineProperty(KeptResponse.prototype, '_keepAliveTimeout', { get: () => keepAliveTimeout, set: () => {} });
  return KeptResponse;
}
