import type { HandlerName } from '../dispatch/cell.ts';
import type { Sealed } from '../secrets/keyring.ts';
import type { BucketRule } from './bucket-rules.ts';
import type { ChangeRule } from './change-rules.ts';
import type { RulesRecord } from './operator-rules.ts';
import type { DeclaredSchedule } from './manifest-schedules.ts';
import type { MoveEntry, ReleaseRecord } from './release-record.ts';

/**
 * All that the registry knows of one function, kept as one entry of the store: each change is a single
 * compare-and-set, so what one change says together is there together, also after a crash.
 */
export interface FunctionRecord {
  readonly name: string;
  /** In the order of their numbers. */
  readonly versions: readonly VersionEntry[];
  /** Numbers are never used again, also not after a version is removed. */
  readonly nextVersion: number;
  readonly aliases: Readonly<Record<string, AliasRecord>>;
  /** Not there before the first is set. */
  readonly secrets?: SecretsRecord;
  /** The newest first, at most `MAX_RELEASES`; not there before the first. */
  readonly releases?: readonly ReleaseRecord[];
  /** What an operator has said of its gateway; not there before the first time. */
  readonly gateway?: RulesRecord;
  /** How its aliases were moved, the newest first, at most `MAX_MOVES`; not there before the first. */
  readonly moves?: readonly MoveEntry[];
}

/** Here and not beside it, so that what an alias needs and what is set are checked and changed in one step. */
export interface SecretsRecord {
  /** Grows with each change of a value: cells go by it. */
  readonly revision: number;
  readonly entries: Readonly<Record<string, SecretEntry>>;
}

export interface SecretEntry extends Sealed {
  /** Milliseconds since the epoch. */
  readonly setAt: number;
}

export interface VersionEntry {
  readonly number: number;
  /** SHA-256 of the artifact, 64 hex digits. */
  readonly digest: string;
  /** Where the artifact lies; a key of its own for each publish, so that no other version's removal takes it away. */
  readonly artifact: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly tag: string | null;
  /** Bytes of the artifact. */
  readonly size: number;
  readonly handlers: readonly HandlerName[];
  readonly crons: readonly string[];
  /** Not there where it names none. */
  readonly queues?: QueueNames;
  /** Whose mail it takes; not there where it takes none. */
  readonly addresses?: readonly string[];
  /** Who is told of what happens in its buckets; not there where nobody is. */
  readonly bucketRules?: readonly BucketRule[];
  /** Who is told of changes of its keys and rows; not there where nobody is. */
  readonly changeRules?: readonly ChangeRule[];
  /** Those of `schedules` that it declares; not there where its manifest has no such key. */
  readonly schedules?: readonly DeclaredSchedule[];
  /** Names of secrets without which no alias may name it; not there where it needs none. */
  readonly secrets?: readonly string[];
  /** Cells that it has while an alias names it, though nothing calls it; not there where there need be none. */
  readonly minCells?: number;
  /** Not there where it has no OpenAPI document. */
  readonly openapi?: VersionOpenApi;
}

/** What is known of the OpenAPI document of a version without reading it. */
export interface VersionOpenApi {
  /** SHA-256 of it as it is kept, 64 hex digits: versions that describe the same have the same. */
  readonly digest: string;
  /** Bytes of it as it is kept. */
  readonly size: number;
  /** Who has told it: a file of the project, the function itself, or what its component exports. */
  readonly source: 'file' | 'function' | 'component';
  /** The OpenAPI that it came in; what is kept is of 3.1. */
  readonly from: string;
  /** What happens as an alias moves to the version, and that breaks those who call; not there where they are warned. */
  readonly breaking?: 'allow' | 'refuse';
}

/** Queues that a version's manifest names. */
export interface QueueNames {
  readonly produces: readonly string[];
  readonly consumes: readonly string[];
  /** Those for dead letters. */
  readonly dead: readonly string[];
}

export interface AliasRecord {
  readonly versions: readonly WeightedVersion[];
  readonly sticky: Sticky | null;
  /** Cells that its versions have together on each host, though nothing calls them; not there where there need be none. */
  readonly warm?: number;
  /** 1 for the first move, one more for each: what `If-Match` names. */
  readonly revision: number;
  readonly movedAt: number;
  /** Earlier targets, newest first; rollback takes the first. */
  readonly history: readonly AliasMove[];
}

export interface AliasMove {
  readonly versions: readonly WeightedVersion[];
  readonly sticky: Sticky | null;
  readonly revision: number;
  readonly movedAt: number;
}

export interface WeightedVersion {
  readonly version: number;
  /** Percent, with at most two decimals. */
  readonly weight: number;
}

/** What keeps a client on one version: the value of a header or a cookie, or its address. */
export type Sticky = { readonly by: 'header' | 'cookie'; readonly name: string } | { readonly by: 'address' };

/** The versions that events go to: those of the alias `live`, in the order of their numbers. */
export function liveVersions(record: Pick<FunctionRecord, 'aliases' | 'versions'> | null): readonly VersionEntry[] {
  if (record === null || !Object.hasOwn(record.aliases, 'live')) return [];
  const numbers = new Set(record.aliases['live']!.versions.map(({ version }) => version));
  return record.versions.filter(({ number }) => numbers.has(number));
}

/** Where a function's record lies in the store. */
export function functionKey(name: string): string {
  return `function/${name}`;
}

/** The function whose record lies there; null where it is something else. */
export function functionOfKey(key: string): string | null {
  const prefix = functionKey('');
  return key.startsWith(prefix) ? key.slice(prefix.length) : null;
}

export const MAX_VERSIONS = 1_000;
export const MAX_HISTORY = 20;
export const MAX_SECRETS = 128;
/** Bytes of a secret's value as UTF-8. https://developers.cloudflare.com/workers/platform/limits/ */
export const SECRET_MAX_BYTES = 5 * 1024;
