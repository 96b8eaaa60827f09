import { guardOf } from '../gateway/openapi/guard.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import type { Part } from '../openapi/merge.ts';
import { basePath, presented, sample } from '../openapi/present.ts';
import type { Manifest } from '../registry/manifest.ts';
import type { FunctionRecord, VersionEntry } from '../registry/record.ts';
import type { Registry } from '../registry/registry.ts';
import { parseRoute } from '../registry/route.ts';
import type { ClaimedRoute } from '../registry/routes.ts';
import { createRouter, type Destination } from './router.ts';

export interface Describing {
  readonly registry: Registry;
  /** The function that takes every path that no route takes. */
  readonly root: string | undefined;
}

/** What is reached at an alias. */
interface Described {
  readonly record: FunctionRecord;
  readonly alias: string;
  readonly version: VersionEntry;
}

/**
 * The documents of all functions, as clients of a host name reach them: each of their paths by the first of the function's routes
 * that leads there, or else below its name. An alias counts by the version with most weight.
 *
 * @param origin that which clients call, such as `https://api.example.com`
 */
export async function describeFunctions({ registry, root }: Describing, origin: string): Promise<Part[]> {
  const routes = await registry.routes();
  const match = createRouter({ routes, root });
  const parts: Part[] = [];
  for (const record of await registry.list()) {
    const own = routes.filter((route) => route.function === record.name);
    for (const described of describedIn(record, own)) {
      const document = await registry.openapiOf(described.version);
      const { manifest } = await registry.load(record, described.version);
      if (document !== null) parts.push(partOf(described, { document, manifest, match, origin, mounts: mountsOf(described, own, root) }));
    }
  }
  return parts;
}

/** The versions with a document that `live` and aliases of routes name. */
function describedIn(record: FunctionRecord, routes: readonly ClaimedRoute[]): Described[] {
  const aliases = new Set(['live', ...routes.map(({ alias }) => alias)]);
  return [...aliases].flatMap((alias) => {
    if (!Object.hasOwn(record.aliases, alias)) return [];
    const [heaviest] = record.aliases[alias]!.versions.toSorted((a, b) => b.weight - a.weight);
    const version = record.versions.find(({ number }) => number === heaviest?.version);
    return version?.openapi === undefined ? [] : [{ record, alias, version }];
  });
}

/** What may stand before the path that the function sees. */
function mountsOf({ record, alias }: Described, routes: readonly ClaimedRoute[], root: string | undefined): string[] {
  const byRoute = routes
    .filter((route) => route.alias === alias)
    .map((route) => {
      const { path, wildcard } = parseRoute(route.pattern);
      return route.strip && wildcard ? path.replace(/\/$/, '') : '';
    });
  const byName = alias !== 'live' ? [] : record.name === root ? ['', `/${record.name}`] : [`/${record.name}`];
  return [...new Set([...byRoute, ...byName])];
}

interface Placing {
  readonly document: OpenApiDocument;
  readonly manifest: Manifest;
  readonly match: (url: string) => Destination | null;
  readonly origin: string;
  readonly mounts: readonly string[];
}

function partOf({ record: { name }, alias }: Described, { document, manifest, match, origin, mounts }: Placing): Part {
  const base = basePath(document);
  const { hostname } = new URL(origin);
  const guards = new Map<string | null, ReturnType<typeof guardOf>>();

  /** How clients get to what the function sees as this path; null where they do not. */
  function wayTo(seen: string): { readonly mount: string; readonly route: string | null } | null {
    for (const mount of mounts) {
      const found = match(origin + mount + seen);
      const isHere = found !== null && found.function === name && (found.reference ?? 'live') === alias;
      if (isHere && new URL(found.target).pathname === new URL(origin + seen).pathname) return { mount, route: found.route };
    }
    return null;
  }

  function guard(method: string, seen: string) {
    const way = wayTo(seen);
    if (way === null) return null;
    let rules = guards.get(way.route);
    if (rules === undefined) guards.set(way.route, (rules = guardOf(manifest, { host: hostname, route: way.route })));
    return rules(method, seen);
  }

  return {
    name: alias === 'live' ? name : `${name}--${alias}`,
    document: presented(document, { mount: '', guard }),
    place(path) {
      const way = wayTo(base + sample(path));
      return way === null ? null : inTemplate(way.mount + base) + path;
    },
  };
}

/** In a path of OpenAPI, braces stand around names. */
function inTemplate(path: string): string {
  return path.replaceAll('{', '%7B').replaceAll('}', '%7D');
}
