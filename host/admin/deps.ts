import type { Databases } from '../bindings/d1/databases.ts';
import type { EmailEvent, Engine, QueueBatch, QueueOutcome, ScheduledEvent } from '../dispatch/cell.ts';
import type { ClassView } from '../dispatch/pool/class-view.ts';
import type { VersionView } from '../dispatch/pool/view.ts';
import type { ApiKeys } from '../gateway/auth/api-keys.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { Purge } from '../gateway/cache/purges.ts';
import type { UsageQuery, UsageResult } from '../metering/report.ts';
import type { Part } from '../openapi/merge.ts';
import type { EventLog } from '../observe/log.ts';
import type { Platform, PlatformQueues } from '../platform.ts';
import type { PublishCheck } from '../dispatch/publish-check.ts';
import type { PublishPolicies } from '../registry/publish-policy.ts';
import type { Freezes } from '../registry/freezes.ts';
import type { Releases } from '../releases/releases.ts';
import type { Registry } from '../registry/registry.ts';
import type { Shadows } from '../shadows/shadows.ts';
import type { ScheduleTrigger } from '../triggers/schedules.ts';
import type { AdminPolicy } from './policy.ts';
import type { Probes } from './probes.ts';
import type { EmailResult } from './schemas/mail.ts';
import type { ScheduledResult } from './schemas/schedules.ts';

/** What the admin API works on. */
export interface AdminDeps {
  readonly registry: Registry;
  readonly probes: Probes;
  readonly apiKeys: Pick<ApiKeys, 'create' | 'list' | 'remove'>;
  readonly engine: Engine;
  /** SQL databases of functions. */
  readonly databases: Databases;
  readonly log: EventLog;
  readonly policy: AdminPolicy;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Moves that clock; not there where it cannot be moved. */
  readonly ticks?: Platform['ticks'];
  /** Has the host stop; not there where nobody can ask for that. */
  readonly leave?: Platform['leave'];
  readonly connection: Platform['connection'];
  /** null where the host keeps none. */
  readonly schedules: ScheduleTrigger | null;
  /** Runs the `scheduled` handler of what `reference` (an alias or a version; null is `live`) names, and waits for it. */
  readonly invokeScheduled: (name: string, reference: string | null, event: ScheduledEvent) => Promise<ScheduledResult>;
  /** Runs the `email` handler of what `reference` names, and waits for it. @throws {BrinkError} */
  readonly invokeEmail: (name: string, reference: string | null, event: EmailEvent) => Promise<EmailResult>;
  /** The function that takes mail of an address; null where none does. */
  readonly mailRoute: (address: string) => Promise<string | null>;
  /** What functions have sent, where it is kept. */
  readonly mailbox: Pick<Mailbox, 'list' | 'get' | 'purge'>;
  readonly queues: PlatformQueues;
  /** Runs the `queue` handler of what `reference` names with a batch that is in no queue, and waits for it. */
  readonly invokeQueue: (name: string, reference: string | null, batch: QueueBatch) => Promise<QueueOutcome & { readonly version: number }>;
  /** Called after a queue is paused or goes on. */
  readonly queueChanged: (queue: string) => Promise<void>;
  /** Has kept responses of a function not be used any more. */
  readonly purge: (name: string, purge: Purge) => Promise<void>;
  /** The OpenAPI documents of all functions, as clients of an origin reach them. */
  readonly describe: (origin: string) => Promise<Part[]>;
  /** The cells of each version now. */
  readonly cells: () => VersionView[];
  /** The classes of cells now. */
  readonly classes: () => ClassView[];
  readonly freezes: Freezes;
  readonly releases: Releases;
  readonly shadows: Shadows;
  /** What was counted; null where nothing is. */
  readonly usage: ((query: UsageQuery) => Promise<UsageResult[]>) | null;
  /** Called after each change of a function's record. */
  readonly changed: (name: string) => void;
  readonly publishPolicies: PublishPolicies;
  /** Asks the policy before something is published or an alias moves. */
  readonly publishCheck: PublishCheck;
  /** Called after the rules that stand before all functions have changed. */
  readonly rulesChanged: () => void;
}
