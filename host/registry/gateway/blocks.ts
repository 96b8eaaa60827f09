import type { RawRoute } from '../manifest-schema.ts';
import { spelledRoutes } from '../manifest-routes.ts';
import type { GatewayBlock } from './schema.ts';

/** The blocks as they stand, and then those that stand with a route: who comes by that route has said more. */
export function blocksOf(blocks: readonly GatewayBlock[], routes: readonly RawRoute[]): GatewayBlock[] {
  const ofRoutes = routes.flatMap((route) =>
    route.gateway ? [{ match: { route: spelledRoutes(route) }, ...(route.gateway as GatewayBlock) }] : [],
  );
  return [...blocks, ...ofRoutes];
}
