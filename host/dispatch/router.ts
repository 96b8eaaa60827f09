import { isName } from '../registry/names.ts';
import { parseRoute } from '../registry/route.ts';
import type { ClaimedRoute } from '../registry/routes.ts';

/** Where a URL leads. */
export interface Destination {
  readonly function: string;
  /** An alias or a version, as the URL names it; null: `live`. */
  readonly reference: string | null;
  /** The URL that the function sees. */
  readonly target: string;
  /** The pattern of the route that took it; null where none did. */
  readonly route: string | null;
}

interface Leaf {
  readonly route: ClaimedRoute;
  /** Characters of the path that `strip` takes away. */
  readonly stripped: number;
}

/** The routes of one host: a look-up per distinct length of prefix, so their number does not matter. */
interface HostTable {
  readonly exact: Map<string, Leaf>;
  readonly prefixes: Map<string, Leaf>;
  /** Longest first. */
  lengths: number[];
}

export interface RouterOptions {
  readonly routes: readonly ClaimedRoute[];
  /** The function that takes every path that no route takes. */
  readonly root?: string | undefined;
}

/**
 * Custom routes first, the most specific one winning: an exact host, then the longest `*.suffix`, then `*`; in a host
 * an exact path, then the longest prefix. Then `{fn}.localhost` and `{alias}--{fn}.localhost`, then `/{fn}/…` and
 * `/{fn}@{alias or version}/…`.
 */
export function createRouter({ routes, root }: RouterOptions): (url: string) => Destination | null {
  const tables = tablesOf(routes);
  return (url) => {
    const { origin, host, path, rest } = split(url);
    if (tables.size > 0) {
      for (const candidate of candidates(host, tables)) {
        const leaf = find(tables.get(candidate), path);
        if (leaf)
          return {
            function: leaf.route.function,
            reference: leaf.route.alias,
            route: leaf.route.pattern,
            target: leaf.stripped === 0 ? url : origin + rooted(path.slice(leaf.stripped)) + rest,
          };
      }
    }
    const byHost = host.endsWith('.localhost') ? ofLocalhost(host.slice(0, -'.localhost'.length)) : null;
    if (byHost) return { ...byHost, target: url, route: null };
    const byPath = ofPath(origin, path, rest);
    if (root === undefined) return byPath;
    // A version or an alias of it that is named goes before; any other path is the root's own.
    return byPath?.function === root && byPath.reference !== null ? byPath : { function: root, reference: null, target: url, route: null };
  };
}

function tablesOf(routes: readonly ClaimedRoute[]): Map<string, HostTable> {
  const tables = new Map<string, HostTable>();
  for (const route of routes) {
    const { host, path, wildcard } = parseRoute(route.pattern);
    let table = tables.get(host);
    if (table === undefined) tables.set(host, (table = { exact: new Map(), prefixes: new Map(), lengths: [] }));
    (wildcard ? table.prefixes : table.exact).set(path, { route, stripped: route.strip && wildcard ? stripLength(path) : 0 });
  }
  for (const table of tables.values()) {
    table.lengths = [...new Set([...table.prefixes.keys()].map((prefix) => prefix.length))].toSorted((a, b) => b - a);
  }
  return tables;
}

/** A slash at the prefix's end begins what is left. */
function stripLength(prefix: string): number {
  return prefix.endsWith('/') ? prefix.length - 1 : prefix.length;
}

/** The tables that a host may be in, most specific first. */
function* candidates(host: string, tables: Map<string, HostTable>): Generator<string> {
  if (tables.has(host)) yield host;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const suffix = `*${host.slice(dot)}`;
    if (tables.has(suffix)) yield suffix;
  }
  if (tables.has('*')) yield '*';
}

function find(table: HostTable | undefined, path: string): Leaf | undefined {
  if (table === undefined) return undefined;
  const exact = table.exact.get(path);
  if (exact) return exact;
  for (const length of table.lengths) {
    if (length > path.length) continue;
    const leaf = table.prefixes.get(path.slice(0, length));
    if (leaf) return leaf;
  }
  return undefined;
}

function ofLocalhost(label: string): { function: string; reference: string | null } | null {
  const separator = label.indexOf('--');
  const name = separator === -1 ? label : label.slice(separator + 2);
  if (!isName(name)) return null;
  return { function: name, reference: separator === -1 ? null : label.slice(0, separator) };
}

function ofPath(origin: string, path: string, rest: string): Destination | null {
  const slash = path.indexOf('/', 1);
  const segment = slash === -1 ? path.slice(1) : path.slice(1, slash);
  const at = segment.indexOf('@');
  const name = at === -1 ? segment : segment.slice(0, at);
  if (!isName(name)) return null;
  const reference = at === -1 ? null : segment.slice(at + 1);
  return { function: name, reference, target: origin + (slash === -1 ? '/' : path.slice(slash)) + rest, route: null };
}

/** `host` without port; `rest` is the query. */
function split(url: string): { origin: string; host: string; path: string; rest: string } {
  const hostStart = url.indexOf('://') + 3;
  let pathStart = url.indexOf('/', hostStart);
  if (pathStart === -1) pathStart = url.length;
  const authority = url.slice(hostStart, pathStart);
  const port = authority.lastIndexOf(':');
  const host = port === -1 || authority.endsWith(']') ? authority : authority.slice(0, port);
  const query = url.indexOf('?', pathStart);
  const path = query === -1 ? url.slice(pathStart) : url.slice(pathStart, query);
  return { origin: url.slice(0, pathStart), host, path, rest: query === -1 ? '' : url.slice(query) };
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
