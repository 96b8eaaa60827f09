import { BrinkError } from '../errors.ts';
import type { ManifestRoute } from './manifest.ts';
import type { RawRoute } from './manifest-schema.ts';
import { checkName } from './names.ts';
import { formatRoute, parseRoute } from './route.ts';

/**
 * Routes in their one spelling. Two of wrangler's ways are written out: a custom domain takes all paths of its host,
 * and a host such as `*example.com` stands for `example.com` and every name below it.
 *
 * @throws {BrinkError} `route-invalid`, `name-invalid`
 */
export function canonicalRoutes(raw: readonly RawRoute[], place: string | undefined): ManifestRoute[] {
  const routes = raw.flatMap((route) => {
    const { strip, alias } = route;
    checkName(alias, 'alias');
    return spelledRoutes(route).map((pattern) => ({ pattern, strip, alias }));
  });
  const seen = new Set<string>();
  for (const { pattern } of routes) {
    if (seen.has(pattern)) {
      throw new BrinkError(
        'route-invalid',
        `${place === undefined ? '' : `${place}: `}the route ${pattern} stands there twice. Remove one.`,
        { details: { pattern } },
      );
    }
    seen.add(pattern);
  }
  return routes;
}

/** The patterns that one route stands for. @throws {BrinkError} `route-invalid` */
export function spelledRoutes({ pattern, custom_domain: whole }: RawRoute): string[] {
  const patterns = whole ? [`${pattern.replace(/\/.*$/, '')}/*`] : spelledOut(pattern);
  return patterns.map((one) => formatRoute(parseRoute(one)));
}

function spelledOut(pattern: string): string[] {
  const [, scheme = '', rest] = /^(https?:\/\/)?\*([^.*/].*)$/is.exec(pattern) ?? [];
  return rest === undefined ? [pattern] : [scheme + rest, `${scheme}*.${rest}`];
}
