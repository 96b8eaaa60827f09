import { invalidManifest } from './manifest-errors.ts';
import type { Manifest } from './manifest.ts';

/** The keys of a manifest that name what a function finds in `env`. */
type Bindings = Pick<
  Manifest,
  'kv_namespaces' | 'services' | 'locks' | 'r2_buckets' | 'd1_databases' | 'ratelimits' | 'send_email' | 'queues' | 'schedules'
>;
type Given = { readonly [Key in keyof Bindings]: Bindings[Key] | undefined };

/** `env` has one thing under each name. @throws {BrinkError} `manifest-invalid` */
export function checkBindingNames(bindings: Given, vars: Readonly<Record<string, unknown>>, place: string | undefined): void {
  const owners = new Map<string, string>();
  for (const [path, names] of Object.entries(namesByPath(bindings))) {
    const key = path.slice(0, path.indexOf('['));
    for (const [index, name] of names.entries()) {
      if (name === undefined) continue;
      const owner = owners.get(name);
      owners.set(name, key);
      const problem = problemOf(key, { owner, isVar: Object.hasOwn(vars, name) });
      if (problem !== null) throw invalidManifest(path.replace('[]', `[${index}]`), problem, place);
    }
  }
}

/** An empty list is none, so that a manifest has one form. */
export function thoseThatAre(bindings: Given): Bindings {
  return Object.fromEntries(Object.entries(bindings).filter(([, given]) => given !== undefined && itemsOf(given).length > 0));
}

/** What a version has in `env` by itself: vars and bindings. */
export function namesInEnv(manifest: Manifest | null): string[] {
  if (manifest === null) return [];
  return [...Object.keys(manifest.vars), ...Object.values(namesByPath(manifest)).flat()].filter((name) => name !== undefined);
}

/** In the order of a manifest's lists; undefined where an item has no name in `env`. */
function namesByPath({
  kv_namespaces = [],
  services = [],
  locks = [],
  r2_buckets = [],
  d1_databases = [],
  ratelimits = [],
  send_email = [],
  queues: { producers } = { producers: [], consumers: [] },
  schedules = [],
}: Given): Record<string, readonly (string | undefined)[]> {
  return {
    'kv_namespaces[].binding': kv_namespaces.map(({ binding }) => binding),
    'services[].binding': services.map(({ binding }) => binding),
    'locks[].binding': locks.map(({ binding }) => binding),
    'r2_buckets[].binding': r2_buckets.map(({ binding }) => binding),
    'd1_databases[].binding': d1_databases.map(({ binding }) => binding),
    'ratelimits[].name': ratelimits.map(({ name }) => name),
    'send_email[].name': send_email.map(({ name }) => name),
    'queues.producers[].binding': producers.map(({ binding }) => binding),
    'schedules[].binding': schedules.map((each) => ('binding' in each ? each.binding : undefined)),
  };
}

/** Those of a key that is a list, or a table of lists. */
function itemsOf(given: object): readonly unknown[] {
  return Array.isArray(given) ? given : Object.values(given).flat();
}

function problemOf(key: string, { owner, isVar }: { owner: string | undefined; isVar: boolean }): string | null {
  if (owner === key) return 'stands there twice';
  if (owner !== undefined) return `is the name of another binding, too (${owner})`;
  return isVar ? 'is the name of a variable, too' : null;
}
