import { BrinkError } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import { liveVersions, type FunctionRecord, type QueueNames } from './record.ts';
import { sameOr } from './same-or.ts';

/** What the registry knows of a queue. One that is not in its table has no consumer, and is not paused. */
export interface QueueEntry {
  readonly queue: string;
  /** The function that its messages go to; null where there is none. */
  readonly function: string | null;
  readonly paused: boolean;
}

/** For a version's entry. */
export function queueNames(manifest: Manifest): { readonly queues?: QueueNames } {
  const { queues, r2_buckets: buckets = [], kv_namespaces: namespaces = [], d1_databases: databases = [], webhooks = [] } = manifest;
  const ofRules = [...buckets, ...namespaces, ...databases].flatMap(({ notifications = [] }) => notifications.map(({ queue }) => queue));
  const told = [...ofRules, ...webhooks.map(({ queue }) => queue)];
  if (queues === undefined && told.length === 0) return {};
  const { producers, consumers } = queues ?? { producers: [], consumers: [] };
  const dead = consumers.flatMap(({ dead_letter_queue: each }) => (each === undefined ? [] : [each]));
  return {
    queues: {
      produces: [...new Set([...producers.map(({ queue }) => queue), ...told])],
      consumes: consumers.map(({ queue }) => queue),
      dead: [...new Set(dead)],
    },
  };
}

/** The queues whose messages a function takes: those that a version of its alias `live` consumes. */
export function consumedBy(record: FunctionRecord | null): string[] {
  return [...new Set(liveVersions(record).flatMap(({ queues }) => queues?.consumes ?? []))];
}

/** Every queue that a version of the function names. */
export function namedBy(record: FunctionRecord): string[] {
  return record.versions.flatMap(({ queues }) => (queues ? [...queues.produces, ...queues.consumes, ...queues.dead] : []));
}

/**
 * The table with `queues` as a function's, beside those that it has.
 *
 * @throws {BrinkError} `queue-conflict` where another function has one of them
 */
export function claimQueues(table: readonly QueueEntry[], name: string, queues: readonly string[]): readonly QueueEntry[] {
  const claimed = new Map(table.map((entry) => [entry.queue, entry]));
  for (const queue of queues) {
    const owner = claimed.get(queue)?.function ?? null;
    if (owner !== null && owner !== name) throw conflict(queue, owner);
    if (owner === null) claimed.set(queue, { paused: false, ...claimed.get(queue), queue, function: name });
  }
  return sameOr(table, [...claimed.values()]);
}

/** The table with exactly these queues as a function's, as far as no other has them. */
export function settleQueues(table: readonly QueueEntry[], name: string, queues: readonly string[]): readonly QueueEntry[] {
  const rest = table.map((entry) => (entry.function === name && !queues.includes(entry.queue) ? { ...entry, function: null } : entry));
  const free = queues.filter((queue) => !rest.some((entry) => entry.queue === queue && entry.function !== null));
  return sameOr(table, claimQueues(rest.filter(isOfUse), name, free));
}

export function pauseQueue(table: readonly QueueEntry[], queue: string, paused: boolean): readonly QueueEntry[] {
  const entry = { function: null, ...table.find((each) => each.queue === queue), queue, paused };
  return sameOr(table, [...table.filter((each) => each.queue !== queue), entry].filter(isOfUse));
}

function isOfUse({ function: owner, paused }: QueueEntry): boolean {
  return owner !== null || paused;
}

function conflict(queue: string, owner: string): BrinkError {
  return new BrinkError(
    'queue-conflict',
    `The queue ${queue} is consumed by the function ${owner}, and each queue has one consumer. Take it out of queues.consumers of one of the two, or remove that function.`,
    { details: { queue, function: owner } },
  );
}
