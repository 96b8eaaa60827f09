import type { FunctionRecord } from './record.ts';

/** What no function names: see `Registry.sweep`. */
export interface Orphans {
  /** Of routes. */
  readonly owners: ReadonlySet<string>;
  readonly artifacts: ReadonlySet<string>;
  /** Of the gateway, where they lie. */
  readonly rules: ReadonlySet<string>;
}

/** @param keys of artifacts and manifests, each below a folder */
export function orphansAmong(
  { keys, owners }: { keys: readonly string[]; owners: readonly string[] },
  records: readonly FunctionRecord[],
): Omit<Orphans, 'rules'> {
  const names = new Set(records.map(({ name }) => name));
  const named = new Set(records.flatMap((record) => record.versions.map(({ artifact }) => artifact)));
  return {
    owners: new Set(owners.filter((owner) => !names.has(owner))),
    artifacts: new Set(keys.map((key) => key.slice(key.indexOf('/') + 1)).filter((key) => !named.has(key))),
  };
}

export function inBoth(now: Orphans, before: Orphans | undefined): Orphans {
  if (before === undefined) return now;
  const { owners, artifacts, rules } = now;
  return {
    owners: new Set([...owners].filter((owner) => before.owners.has(owner))),
    artifacts: new Set([...artifacts].filter((key) => before.artifacts.has(key))),
    rules: new Set([...rules].filter((place) => before.rules.has(place))),
  };
}
