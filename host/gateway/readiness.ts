/** What decides whether a host should be sent requests. */
export interface Checks {
  /** It waits for its state, or loads. */
  readonly starting: boolean;
  /** It stops, and takes no new connection. */
  readonly draining: boolean;
  /** It falls behind with what it has. */
  readonly overloaded: boolean;
  readonly storeReachable: boolean;
}

interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly checks: Checks;
}

/** Of a host that has nothing yet, or nothing any more. */
export const STARTING: Checks = { starting: true, draining: false, overloaded: false, storeReachable: false };

/** The answer to a probe, whoever gives it: the host, or what stands before it while it starts. */
export function readinessResponse(checks: Checks): Response {
  const { starting, draining, overloaded, storeReachable } = checks;
  const isReady = !starting && !draining && !overloaded && storeReachable;
  const readiness: Readiness = { status: isReady ? 'ready' : 'not-ready', checks };
  return Response.json(readiness, { status: isReady ? 200 : 503, headers: { 'cache-control': 'no-store' } });
}
