import type { Keyring } from '../secrets/keyring.ts';
import type { Blobs } from '../stores/blobs.ts';
import type { Store } from '../stores/store.ts';
import type { Manifest } from './manifest.ts';
import type { Readiness } from './readiness.ts';
import type { FunctionRecord, VersionEntry } from './record.ts';
import type { Hand } from './release-record.ts';
import type { ScheduleWatch } from './schedule-watch.ts';

export interface RegistryOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly now: () => number;
  /** Encrypts secrets; without it none can be set. */
  readonly keyring?: Keyring;
  /** Told of changes of what a function's `live` declares. */
  readonly schedules?: ScheduleWatch;
  /** Has versions ready before an alias names them; without it none is. */
  readonly readiness?: Readiness | undefined;
  /** Told of each change of a function's record that was made here, once it is written. */
  readonly changed?: (before: FunctionRecord | null, after: FunctionRecord) => void;
}

/** Of changes that nobody has told of whose they are. */
export const UNKNOWN: Hand = { by: 'host' };

/** What a publish makes a version of. */
export interface Naming {
  readonly manifest: Manifest;
  readonly entry: Omit<VersionEntry, 'number'>;
  readonly wanted: string | undefined;
  readonly hand: Hand | undefined;
}
