import type { Store } from '../stores/store.ts';
import { bucketRules, type BucketRuleEntry } from './bucket-rules.ts';
import { changeRules, type ChangeRuleEntry } from './change-rules.ts';
import { addressesOf, claimAddresses, emailAddresses, settleAddresses, type EmailEntry } from './email-addresses.ts';
import { settleRules, type SettleOptions } from './live-rules.ts';
import type { Manifest } from './manifest.ts';
import { claimQueues, consumedBy, pauseQueue, queueNames, settleQueues, type QueueEntry } from './queues.ts';
import type { FunctionRecord } from './record.ts';
import { recordsIn, type Records } from './records.ts';

const QUEUES = 'queues';
const BUCKET_RULES = 'bucket-rules';
const CHANGE_RULES = 'change-rules';

const EMAIL = 'email-addresses';

/** For a version's entry: what it has of them once it is live. */
export function liveNames(manifest: Manifest) {
  return { ...queueNames(manifest), ...bucketRules(manifest), ...changeRules(manifest), ...emailAddresses(manifest) };
}

/** What live versions of all functions have together: the queues that they consume, whose mail they take, and who is told of what happens to their state. */
export class LiveTables {
  readonly #queues: Records<readonly QueueEntry[]>;
  readonly #email: Records<readonly EmailEntry[]>;
  readonly #bucketRules: Records<readonly BucketRuleEntry[]>;
  readonly #changeRules: Records<readonly ChangeRuleEntry[]>;

  constructor(store: Store) {
    this.#queues = recordsIn(store);
    this.#email = recordsIn(store);
    this.#bucketRules = recordsIn(store);
    this.#changeRules = recordsIn(store);
  }

  /** Those that have a consumer, or are paused. */
  async queues(): Promise<readonly QueueEntry[]> {
    return (await this.#queues.get(QUEUES)) ?? [];
  }

  async emailAddresses(): Promise<readonly EmailEntry[]> {
    return (await this.#email.get(EMAIL)) ?? [];
  }

  async bucketRules(): Promise<readonly BucketRuleEntry[]> {
    return (await this.#bucketRules.get(BUCKET_RULES)) ?? [];
  }

  async changeRules(): Promise<readonly ChangeRuleEntry[]> {
    return (await this.#changeRules.get(CHANGE_RULES)) ?? [];
  }

  /** Whether messages of a queue are to be kept back. */
  async pauseQueue(queue: string, paused: boolean): Promise<void> {
    await this.#queues.update(QUEUES, (current) => pauseQueue(current ?? [], queue, paused));
  }

  /** Functions that stand in them. */
  async owners(): Promise<ReadonlySet<string>> {
    const ofRules = [...(await this.bucketRules()), ...(await this.changeRules())];
    const entries = [...(await this.queues()), ...(await this.emailAddresses()), ...ofRules];
    return new Set(entries.flatMap(({ function: owner }) => (owner === null ? [] : [owner])));
  }

  /** Before a function's record changes to this. @throws {BrinkError} `queue-conflict`, `email-conflict` where another function has one of its queues or addresses */
  async claim(name: string, next: FunctionRecord): Promise<void> {
    const wanted = consumedBy(next);
    if (wanted.length > 0) await this.#queues.update(QUEUES, (current) => claimQueues(current ?? [], name, wanted));
    const addresses = addressesOf(next);
    if (addresses.length > 0) await this.#email.update(EMAIL, (current) => claimAddresses(current ?? [], name, addresses));
  }

  /** After it has changed, or has not. */
  async settle(name: string, record: FunctionRecord | null): Promise<void> {
    await this.#queues.update(QUEUES, (current) => settleQueues(current ?? [], name, consumedBy(record)));
    await settleTable(this.#bucketRules, BUCKET_RULES, { name, record, of: ({ bucketRules }) => bucketRules });
    await settleTable(this.#changeRules, CHANGE_RULES, { name, record, of: ({ changeRules }) => changeRules });
    const email = await this.emailAddresses();
    const addresses = addressesOf(record);
    if (settleAddresses(email, name, addresses) !== email)
      await this.#email.update(EMAIL, (current) => settleAddresses(current ?? [], name, addresses));
  }
}

async function settleTable<Rule extends object>(
  table: Records<readonly (Rule & { readonly function: string })[]>,
  key: string,
  options: SettleOptions<Rule>,
): Promise<void> {
  const before = (await table.get(key)) ?? [];
  if (settleRules(before, options) !== before) await table.update(key, (current) => settleRules(current ?? [], options));
}
