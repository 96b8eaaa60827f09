import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAdmin } from '../../admin/path.ts';
import { hasBody } from './incoming-writer.ts';
import { IncomingRequest } from './light-request.ts';

/** What a URL parser leaves as it is: no escapes, no dots after a slash, no upper-case host, a port that is no default. */
const TARGET = /^\/(?!\.)(?:[!$&-.0-;=?-[\]_a-z~]|\/(?!\.))*$/;
const HOST = /^[a-z0-9._-]+(?::(?:[1-5]\d{3,4}|[6-9]\d{3}))?$/;

/**
 * A request of the usual kind, for a function: without a body, to a target that is a URL as it stands. What is asked of
 * it is mostly its method and URL, so it is made into a platform's Request only where someone asks for more; undefined
 * where it is of another kind.
 */
export function plainRequests(scheme: 'http' | 'https'): (incoming: IncomingMessage, outgoing: ServerResponse) => Request | undefined {
  const begin = `${scheme}://`;
  return (incoming, outgoing) => {
    const { method, url: target, headers } = incoming as { method: string; url: string } & IncomingMessage;
    const { host } = headers;
    if (incoming.httpVersionMajor !== 1 || host === undefined || !HOST.test(host) || !TARGET.test(target) || hasBody(incoming))
      return undefined;
    const url = `${begin}${host}${target}`;
    return isAdmin(url) ? undefined : (new PlainRequest({ method, url, incoming, outgoing }) as unknown as Request);
  };
}

interface PlainOptions {
  readonly method: string;
  readonly url: string;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

class PlainRequest extends IncomingRequest {
  readonly #outgoing: ServerResponse;
  #watched = false;

  constructor({ method, url, incoming, outgoing }: PlainOptions) {
    super(method, url, incoming.rawHeaders, null);
    this.#outgoing = outgoing;
  }

  override get signal(): AbortSignal {
    if (!this.#watched) {
      this.#watched = true;
      const gone = () => {
        if (!this.#outgoing.writableFinished) this.abort('The client has gone.');
      };
      if (this.#outgoing.closed) gone();
      else this.#outgoing.once('close', gone);
    }
    return super.signal;
  }
}
