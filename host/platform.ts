import type { AdminPolicy } from './admin/policy.ts';
import type { Databases } from './bindings/d1/databases.ts';
import type { Manage } from './bindings/manage.ts';
import type { ScratchPlace } from './bindings/scratch/clear.ts';
import type { Engine, LoadedVersion } from './dispatch/cell.ts';
import type { Encoding } from './gateway/cache/encoding.ts';
import type { HeldTo } from './gateway/held-body.ts';
import type { Messages } from './gateway/cache/messages.ts';
import type { WatchSocket } from './gateway/socket-watch.ts';
import type { MemoryGauge } from './dispatch/pool/memory-guard.ts';
import type { PoolLimits } from './dispatch/pool/settings.ts';
import type { Mailbox } from './mail/mailbox.ts';
import type { BodyTools } from './metering/body.ts';
import type { EventLog } from './observe/log.ts';
import type { Keyring } from './secrets/keyring.ts';
import type { ShadowMark } from './registry/shadow-record.ts';
import type { Blobs } from './stores/blobs.ts';
import type { Queue } from './stores/queue.ts';
import type { QueueQuota } from './stores/quota.ts';
import type { Store } from './stores/store.ts';
import type { Ticks } from './timing/ticks.ts';
import type { Principal } from '../sdk/context.ts';

/** Everything that a host is handed: the core opens no connection and reads no environment itself. */
export interface Platform {
  readonly engine: Engine;
  readonly store: Store;
  readonly blobs: Blobs;
  /** Encrypts functions' secrets before they reach the store. */
  readonly keyring: Keyring;
  /** SQL databases of functions. */
  readonly databases: Databases;
  readonly log: EventLog;
  readonly queues: PlatformQueues;
  /** Keeps what functions send, where that does not go out. */
  readonly mailbox: Mailbox;
  readonly admin: AdminPolicy;
  /** How the host is; without it all is well. */
  readonly condition?: (() => Condition) | undefined;
  /** Has the host stop, as a signal does; not there where nobody can ask for that. */
  readonly leave?: (() => void) | undefined;
  /** Reaches what functions' bindings keep; null where there are none. */
  readonly manage: Manage | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Moves that clock; not there where it cannot be moved. */
  readonly ticks?: Pick<Ticks, 'tick'> | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Has the platform finish this, though the request that began it is over. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /**
   * Fetches for a function what its manifest names, by the rules that the function's own calls follow, without following
   * redirects. Not there where the host calls nobody.
   *
   * @throws {EgressDenied} or what `fetch` throws
   */
  readonly outbound?: (version: LoadedVersion, request: Request) => Promise<Response>;
  /** What the platform knows of a request's connection. */
  readonly connection: (env: unknown, request: Request) => Connection;
  /** How long, in ms, what was read of the registry may be used before it is looked at again; Infinity where no one else writes. */
  readonly registryMaxAge: number;
  /**
   * Tells of each key of `store` that any host has written, and null where some of that was missed, so that what was read
   * need not get old first. Not there where no one else writes, or no one tells.
   */
  readonly changes?: ((changed: (key: string | null) => void) => void) | undefined;
  /** What there is for cells; where it is not given, what a runtime has that places calls itself (`DEFAULT_LIMITS`). */
  readonly pool?: PlatformPool | undefined;
  /** Where a shadow writes, to be cleared; not there on a host that has none. */
  readonly scratch?: ((of: Pick<ShadowMark, 'function' | 'id' | 'side'>) => ScratchPlace) | undefined;
  /** What responses of functions are kept with, where rules say so. */
  readonly responses: PlatformResponses;
  /** Tells of the life of a WebSocket; where it is not there, one counts as over with its 101. */
  readonly watchSocket?: WatchSocket | undefined;
  /** Has usage counted; without it nothing is. */
  readonly metering?: PlatformMetering | undefined;
  /** The function that answers at `/`, without its name in the path. */
  readonly root?: string | undefined;
}

export interface PlatformResponses {
  /** Bytes of memory that they may take. */
  readonly memory: number;
  /** Where they lie besides; null where that is no more than memory. Its keys are told of by `changes`. */
  readonly store: Store | null;
  /** How they are made and read; not there where the standard's own way is the quickest. */
  readonly messages?: Messages;
  /** How their bodies are read along; not there where the standard's own way will do. */
  readonly bodies?: BodyTools;
  /** How they are compressed; not there where they are not. */
  readonly encoding?: Encoding;
  /** Whether a request cannot wait for another one's promise. */
  readonly apart: boolean;
}

export interface PlatformMetering {
  /** Whether each answer waits until it is counted in the store. */
  readonly exact: boolean;
  /** How long the counts of an hour are kept; 90 days where nobody says. */
  readonly days?: number | undefined;
  readonly body?: BodyTools;
}

export interface PlatformPool {
  readonly limits: PoolLimits;
  /** Has something done every so many ms, and gives what ends that. Not there where timers belong to requests: then cells are not scaled. */
  readonly every?: (ms: number, run: () => void) => () => void;
  /** Not there where nobody knows what the process has in memory. */
  readonly gauge?: MemoryGauge;
}

/** What a platform knows of its host, for those who send it requests. */
export interface Condition {
  /** It stops. */
  readonly draining: boolean;
  /** It falls behind with what it has. */
  readonly overloaded: boolean;
  /** It is known that the store cannot be reached now. */
  readonly cutOff: boolean;
}

export interface PlatformQueues {
  /** Messages of all queues. What is sent through it is delivered. */
  readonly queue: Queue;
  /** Has a queue looked at that may have messages: its consumer has changed, or it goes on. */
  wake(name: string, time: number): Promise<void>;
  /** What a queue may have of what the host itself sends; not there where nobody says. */
  readonly quota?: QueueQuota;
}

/** Whom a client has shown to be. */
export interface ClientCertificate {
  /** The first URI of its names, or null. */
  readonly uri: string | null;
  /** `CN=client,O=Example`, as RFC 4514 has it. */
  readonly subject: string;
  /** SHA-256, in hex. */
  readonly fingerprint: string;
}

export interface Connection {
  /** The client's IP address, or null. */
  readonly address: string | null;
  /** Header lines as they came (name, value, name, value…), or null. */
  readonly rawHeaders: readonly string[] | null;
  /** The platform's own object for the request, for its engine alone; null where there is none. */
  readonly raw: unknown;
  /** Who is there, where a rule has found that out. */
  readonly principal?: Principal;
  /** That of the invocation, where a rule has made it already. */
  readonly traceparent?: string;
  /** What the request's body is held to, where a rule says so. */
  readonly held?: HeldTo;
  /** That of the client, if the host has asked for one and it is signed as it has to be. Not there where the platform has none. */
  certificate?(): ClientCertificate | null;
  /** Made when it is read: aborts when the client has gone. Not there where the request's own is what there is. */
  readonly signal?: AbortSignal;
  /** Made when it is read: sends what comes before the response. Not there where the platform or the client's protocol has no such thing. */
  readonly interim?: Interim | undefined;
}

/** Responses before the final one. RFC 9110, section 15.2. */
export interface Interim {
  /** Whether a client to which they are new finds the end of each all the same. RFC 8297, section 3. */
  readonly framed: boolean;
  /**
   * Sends one as soon as what is at hand is done, unless the final response has begun by then or the client has gone. What is
   * given until then with the same status is one response, each line once.
   *
   * @param status 100 to 199, but 101
   * @param lines name, value, name, value…; names in lower case
   */
  send(status: number, lines: readonly string[]): void;
}
