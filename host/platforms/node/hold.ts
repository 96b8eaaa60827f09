import { readinessResponse, STARTING } from '../../gateway/readiness.ts';
import type { NodeFetch } from './front.ts';

/** Requests that come before their host is there. */
export interface Hold {
  readonly fetch: NodeFetch;
  /** Gives them to the host, in the order in which they came, and all that come. */
  open(fetch: NodeFetch): void;
}

/** Lets requests wait, except those that ask how the host is. */
export function createHold(): Hold {
  const opened = Promise.withResolvers<NodeFetch>();
  let fetch: NodeFetch = (request, env) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/_brink/health/live') return Response.json({ status: 'live' }, { headers: { 'cache-control': 'no-store' } });
    if (pathname === '/_brink/health/ready') return readinessResponse(STARTING);
    return opened.promise.then((then) => then(request, env));
  };
  return {
    fetch: (request, env) => fetch(request, env),
    open(then) {
      fetch = then;
      opened.resolve(then);
    },
  };
}
