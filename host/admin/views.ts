import type { AliasMove, AliasRecord, FunctionRecord, VersionEntry } from '../registry/record.ts';
import type { ApiComparison } from '../registry/api-changes.ts';
import type { Published } from '../registry/published.ts';
import type { ApiComparisonResult } from './schemas/openapi.ts';
import type { AliasResult } from './schemas/aliases.ts';
import type { FunctionResult, FunctionSummaryResult } from './schemas/functions.ts';
import type { PublishedResult, VersionResult } from './schemas/versions.ts';

/** Records as the API shows them. `origin` is what the client reached the host at, so that the URLs lead back here. */

export function functionSummary(record: FunctionRecord, origin: string): FunctionSummaryResult {
  const live = Object.hasOwn(record.aliases, 'live') ? record.aliases['live']!.versions : [];
  const named = record.versions.filter(({ number }) => live.some(({ version }) => version === number));
  return {
    name: record.name,
    url: urlOf(origin, record.name),
    versions: record.versions.length,
    latest: record.versions.at(-1)?.number ?? null,
    aliases: Object.fromEntries(Object.entries(record.aliases).map(([alias, { versions }]) => [alias, versions.map(copy)])),
    ...warmOf(record),
    crons: [...new Set(named.flatMap(({ crons }) => crons))],
  };
}

function warmOf({ aliases }: FunctionRecord): Pick<FunctionSummaryResult, 'warm'> {
  const warm = Object.entries(aliases).flatMap(([alias, { warm: cells }]) => (cells === undefined ? [] : [[alias, cells] as const]));
  return warm.length === 0 ? {} : { warm: Object.fromEntries(warm) };
}

export function functionView(record: FunctionRecord, origin: string): FunctionResult {
  return {
    name: record.name,
    url: urlOf(origin, record.name),
    versions: record.versions.map((version) => versionView(record, version, origin)),
    aliases: aliasViews(record, origin),
  };
}

export function versionView(record: FunctionRecord, version: VersionEntry, origin: string): VersionResult {
  const { number, digest, tag, size, createdAt, handlers, crons, openapi } = version;
  const aliases = Object.keys(record.aliases).filter((alias) => record.aliases[alias]!.versions.some((named) => named.version === number));
  return {
    function: record.name,
    number,
    digest,
    tag,
    size,
    createdAt,
    handlers: [...handlers],
    crons: [...crons],
    aliases,
    ...(openapi && { openapi: { ...openapi } }),
    url: versionUrl(record.name, digest, origin),
  };
}

export function aliasViews(record: FunctionRecord, origin: string): AliasResult[] {
  return Object.keys(record.aliases).map((alias) => aliasView({ function: record.name, alias }, record.aliases[alias]!, origin));
}

export function aliasView(name: { function: string; alias: string }, record: AliasRecord, origin: string): AliasResult {
  const { warm = 0 } = record;
  return { ...name, url: urlOf(origin, name.function, name.alias), ...moveView(record), warm, history: record.history.map(moveView) };
}

/** Not there where there is nothing to tell. */
export function apiChangesView(comparisons: readonly ApiComparison[]): { apiChanges?: ApiComparisonResult[] } {
  return comparisons.length === 0 ? {} : { apiChanges: structuredClone(comparisons) as ApiComparisonResult[] };
}

export function publishedView({ record, version, created, alias, warnings, apiChanges }: Published, origin: string): PublishedResult {
  const { number, digest, size, handlers, crons } = version;
  const own = versionUrl(record.name, digest, origin);
  const url = alias === null ? own : urlOf(origin, record.name, alias);
  return {
    function: record.name,
    version: number,
    digest,
    alias,
    url,
    versionUrl: own,
    created,
    handlers: [...handlers],
    crons: [...crons],
    size,
    warnings: [...warnings],
    ...apiChangesView(apiChanges),
  };
}

function moveView({
  versions,
  sticky,
  revision,
  movedAt,
}: AliasMove): Omit<AliasResult, 'function' | 'alias' | 'url' | 'warm' | 'history'> {
  return { versions: versions.map(copy), sticky, revision, movedAt };
}

function copy<Value extends object>(value: Value): Value {
  return { ...value };
}

function versionUrl(name: string, digest: string, origin: string): string {
  return urlOf(origin, name, digest.slice(0, 12));
}

function urlOf(origin: string, name: string, reference = 'live'): string {
  return reference === 'live' ? `${origin}/${name}/` : `${origin}/${name}@${reference}/`;
}
