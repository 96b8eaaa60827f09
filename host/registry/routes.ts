import { BrinkError } from '../errors.ts';
import type { Manifest } from './manifest.ts';

/** A route that leads to a function's `live` alias, or to another that it names. */
export interface ClaimedRoute {
  readonly pattern: string;
  readonly strip: boolean;
  readonly function: string;
  readonly alias: string;
}

/**
 * The table with a function's routes replaced by `routes`: those of the manifest published last are in force.
 *
 * @throws {BrinkError} `route-conflict` where another function has one of them
 */
export function claimRoutes(table: readonly ClaimedRoute[], name: string, routes: Manifest['routes']): readonly ClaimedRoute[] {
  const others = table.filter((route) => route.function !== name);
  for (const { pattern } of routes) {
    const owner = others.find((route) => route.pattern === pattern);
    if (owner) {
      throw new BrinkError(
        'route-conflict',
        `The route ${pattern} belongs to the function ${owner.function}. Change one of the two, or remove that function.`,
        {
          details: { pattern, function: owner.function },
        },
      );
    }
  }
  const claimed = routes.map(({ pattern, strip, alias }) => ({ pattern, strip, function: name, alias }));
  const own = table.filter((route) => route.function === name);
  return JSON.stringify(own) === JSON.stringify(claimed) ? table : [...others, ...claimed];
}

export function releaseRoutes(table: readonly ClaimedRoute[], name: string): readonly ClaimedRoute[] {
  const others = table.filter((route) => route.function !== name);
  return others.length === table.length ? table : others;
}

/** The table with a function's routes as they were in an earlier one, without those that others have claimed since. */
export function restoreRoutes(table: readonly ClaimedRoute[], name: string, earlier: readonly ClaimedRoute[]): readonly ClaimedRoute[] {
  const others = releaseRoutes(table, name);
  const free = earlier.filter((route) => route.function === name && !others.some(({ pattern }) => pattern === route.pattern));
  return [...others, ...free];
}
