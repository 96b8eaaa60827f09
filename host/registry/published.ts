import type { HandlerName } from '../dispatch/cell.ts';
import type { ApiComparison } from './api-changes.ts';
import type { Artifact } from './artifact.ts';
import type { Hand } from './release-record.ts';
import type { FunctionRecord, VersionEntry } from './record.ts';

export interface PublishOptions {
  /** The digest that the sender computed. */
  readonly digest?: string;
  /** Moved to the new version, with all weight. Without it, `live` is made if the function has no alias yet. */
  readonly alias?: string;
  readonly tag?: string;
  readonly hand?: Hand;
  /** Loads the artifact once and names its handlers; what it throws refuses the publish. */
  readonly probe: (artifact: Artifact, secrets: Readonly<Record<string, string>>) => Promise<readonly HandlerName[]>;
}

export interface Published {
  readonly record: FunctionRecord;
  readonly version: VersionEntry;
  /** False where this digest was a version already. */
  readonly created: boolean;
  /** The alias that this publish moved or made. */
  readonly alias: string | null;
  /** What its author should hear of its secrets and its OpenAPI document. */
  readonly warnings: readonly string[];
  /** What those who call notice where this publish moved an alias. */
  readonly apiChanges: readonly ApiComparison[];
}
