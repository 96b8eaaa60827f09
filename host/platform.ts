import type { AdminPolicy } from './admin/policy.ts';
import type { Manage } from './bindings/manage.ts';
import type { Engine } from './dispatch/cell.ts';
import type { EventLog } from './observe/log.ts';
import type { Keyring } from './secrets/keyring.ts';
import type { Blobs } from './stores/blobs.ts';
import type { Store } from './stores/store.ts';

/** Everything that a host is handed: the core opens no connection and reads no environment itself. */
export interface Platform {
  readonly engine: Engine;
  readonly store: Store;
  readonly blobs: Blobs;
  /** Encrypts functions' secrets before they reach the store. */
  readonly keyring: Keyring;
  readonly log: EventLog;
  readonly admin: AdminPolicy;
  /** Reaches what functions' bindings keep; null where there are none. */
  readonly manage: Manage | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** What the platform knows of a request's connection. */
  readonly connection: (env: unknown, request: Request) => Connection;
  /** How long, in ms, what was read of the registry may be used before it is looked at again; Infinity where no one else writes. */
  readonly registryMaxAge: number;
  /** The function that answers at `/`, without its name in the path. */
  readonly root?: string | undefined;
}

export interface Connection {
  /** The client's IP address, or null. */
  readonly address: string | null;
  /** Header lines as they came (name, value, name, value…), or null. */
  readonly rawHeaders: readonly string[] | null;
  /** The platform's own object for the request, for its engine alone; null where there is none. */
  readonly raw: unknown;
}
