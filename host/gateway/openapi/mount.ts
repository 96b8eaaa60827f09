import type { Arrival } from '../arrival.ts';
import type { Came } from './guard.ts';

/** What stands in the client's path before what the function sees, without a slash at its end: `/shop`, or nothing. */
export function mountOf({ request, destination }: Pick<Arrival, 'request' | 'destination'>): string {
  const came = new URL(request.url).pathname;
  const seen = new URL(destination.target).pathname;
  // `/shop` alone is `/` to it.
  const mount = came.endsWith(seen) ? came.slice(0, came.length - seen.length) : came;
  return mount.replace(/\/+$/, '');
}

export function cameBy({ request, destination }: Pick<Arrival, 'request' | 'destination'>): Came {
  return { host: new URL(request.url).hostname, route: destination.route };
}
