import type { Store } from '../stores/store.ts';
import type { BucketRuleEntry } from './bucket-rules.ts';
import type { ChangeRuleEntry } from './change-rules.ts';
import { settleRules, type SettleOptions } from './live-rules.ts';
import { claimQueues, consumedBy, pauseQueue, settleQueues, type QueueEntry } from './queues.ts';
import type { FunctionRecord } from './record.ts';
import { recordsIn, type Records } from './records.ts';

const QUEUES = 'queues';
const BUCKET_RULES = 'bucket-rules';
const CHANGE_RULES = 'change-rules';

/** What live versions of all functions have together: the queues that they consume, and who is told of what happens to their state. */
export class LiveTables {
  readonly #queues: Records<readonly QueueEntry[]>;
  readonly #bucketRules: Records<readonly BucketRuleEntry[]>;
  readonly #changeRules: Records<readonly ChangeRuleEntry[]>;

  constructor(store: Store) {
    this.#queues = recordsIn(store);
    this.#bucketRules = recordsIn(store);
    this.#changeRules = recordsIn(store);
  }

  async queues(): Promise<readonly QueueEntry[]> {
    return (await this.#queues.get(QUEUES)) ?? [];
  }

  async bucketRules(): Promise<readonly BucketRuleEntry[]> {
    return (await this.#bucketRules.get(BUCKET_RULES)) ?? [];
  }

  async changeRules(): Promise<readonly ChangeRuleEntry[]> {
    return (await this.#changeRules.get(CHANGE_RULES)) ?? [];
  }

  async pauseQueue(queue: string, paused: boolean): Promise<void> {
    await this.#queues.update(QUEUES, (current) => pauseQueue(current ?? [], queue, paused));
  }

  /** Functions that stand in them. */
  async owners(): Promise<ReadonlySet<string>> {
    const entries = [...(await this.queues()), ...(await this.bucketRules()), ...(await this.changeRules())];
    return new Set(entries.flatMap(({ function: owner }) => (owner === null ? [] : [owner])));
  }

  /** Before a function's record changes to this. @throws {BrinkError} `queue-conflict` where another function has one of its queues */
  async claim(name: string, next: FunctionRecord): Promise<void> {
    const wanted = consumedBy(next);
    if (wanted.length > 0) await this.#queues.update(QUEUES, (current) => claimQueues(current ?? [], name, wanted));
  }

  /** After it has changed, or has not. */
  async settle(name: string, record: FunctionRecord | null): Promise<void> {
    await this.#queues.update(QUEUES, (current) => settleQueues(current ?? [], name, consumedBy(record)));
    await settleTable(this.#bucketRules, BUCKET_RULES, { name, record, of: ({ bucketRules }) => bucketRules });
    await settleTable(this.#changeRules, CHANGE_RULES, { name, record, of: ({ changeRules }) => changeRules });
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
