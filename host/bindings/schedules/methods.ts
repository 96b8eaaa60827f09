import { BindingError } from '../binding-error.ts';
import type { Methods } from '../binding.ts';
import type { Kept } from './kept.ts';
import { checkedId, newSchedule } from './options.ts';
import { MADE, type ScheduleScope } from './scope.ts';
import { viewOf } from './view.ts';

/** Schedules that a function may have made, and that are not over. */
export const MAX_MADE = 10_000;
/** How long, in ms, and for how many new ones their number is taken to be what was counted. */
const COUNT_AGE = 5_000;
const COUNT_NEW = 100;
const PAGE = 1_000;

/**
 * Schedules, as their client calls them.
 *
 * | method | arguments | value |
 * |---|---|---|
 * | create | what `newSchedule` reads | id |
 * | get | id | a `ScheduleView` or null |
 * | cancel | id | whether there was one |
 * | list | id after which it goes on, or null | a page of `ScheduleView`s, and where it goes on |
 */
export function createScheduleMethods(scope: ScheduleScope, now: () => number): Methods {
  const { book } = scope;
  const quota = quotaOf(scope, now);
  return {
    async create([options]) {
      const made = newSchedule(options, now());
      await quota.add();
      let taken = false;
      await reach(
        book.change(MADE + made.id, (kept) => {
          taken = kept !== null;
          return kept ?? made;
        }),
      );
      if (!taken) return { value: made.id };
      throw new BindingError(`There is a schedule ${JSON.stringify(made.id)} already. Cancel it first, or leave the id out.`, {
        name: 'ConflictError',
        code: 'conflict',
      });
    },
    async get([id]) {
      const kept = await reach(book.get(MADE + checkedId(id)));
      return { value: kept && viewOf(kept) };
    },
    cancel: async ([id]) => ({ value: await reach(cancel(scope, checkedId(id))) }),
    async list([after]) {
      const beyond = after === null || after === undefined ? undefined : MADE + checkedId(after);
      const { keys, more } = await reach(book.page(MADE, { limit: PAGE, ...(beyond !== undefined && { after: beyond }) }));
      const kept = await reach(Promise.all(keys.map((key) => book.get(key))));
      const last = keys.at(-1);
      return {
        value: {
          schedules: kept.filter((each) => each !== null).map(viewOf),
          ...(more && last !== undefined && { after: last.slice(MADE.length) }),
        },
      };
    },
  };
}

/** Whether there was one. */
export async function cancel({ book }: ScheduleScope, id: string): Promise<boolean> {
  let found: Kept | null = null;
  await book.change(MADE + id, (kept) => {
    found = kept;
    return null;
  });
  return found !== null;
}

/** Counting takes as long as there are schedules, so it is not done each time; hosts that share a store may go over it by a few. */
function quotaOf({ book }: ScheduleScope, now: () => number): { add(): Promise<void> } {
  let counted = 0;
  let added = Infinity;
  let countedAt = -Infinity;
  return {
    async add() {
      if (added >= COUNT_NEW || Math.abs(now() - countedAt) > COUNT_AGE || counted + added >= MAX_MADE) {
        counted = (await reach(book.keys(MADE, MAX_MADE))).length;
        countedAt = now();
        added = 0;
      }
      added++;
      if (counted + added > MAX_MADE)
        throw new BindingError(`The function has ${MAX_MADE} schedules, which is the most. Cancel those that are not needed.`, {
          code: 'limit',
        });
    },
  };
}

/** What the store throws names what is the host's own. */
async function reach<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BindingError) throw error;
    throw new BindingError('The schedules cannot be reached now. Try again in a moment.', { code: 'unavailable' });
  }
}
