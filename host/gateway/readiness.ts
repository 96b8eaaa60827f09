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

export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly checks: Checks;
}

/** Of a host that has nothing yet, or nothing any more. */
export const STARTING: Checks = { starting: true, draining: false, overloaded: false, storeReachable: false };

export function readinessOf(checks: Checks): Readiness {
  const { starting, draining, overloaded, storeReachable } = checks;
  return { status: !starting && !draining && !overloaded && storeReachable ? 'ready' : 'not-ready', checks };
}

/** Where there is no admin API that could say it. */
export function readinessResponse(checks: Checks): Response {
  const readiness = readinessOf(checks);
  return Response.json(readiness, { status: statusOf(readiness), headers: { 'cache-control': 'no-store' } });
}

export function statusOf({ status }: Readiness): 200 | 503 {
  return status === 'ready' ? 200 : 503;
}
