import { changesSchedules } from './declared.ts';
import { functionKey, type FunctionRecord } from './record.ts';
import type { Watch } from './records.ts';

/** Who has to know of changes of what a function's `live` declares. */
export interface ScheduleWatch {
  /** A change is about to be written: look in a while, even if nothing more is heard of it. What it throws refuses the change. */
  expect(name: string): Promise<void>;
  /** It is written. */
  sync(name: string): Promise<void>;
}

export function watchBy({ expect, sync }: ScheduleWatch): Watch<FunctionRecord> {
  const nameOf = (key: string) => key.slice(functionKey('').length);
  return {
    async before(key, current, next) {
      if (changesSchedules(current, next)) await expect(nameOf(key));
    },
    async after(key, current, next) {
      // What fails now is done when the time comes that was asked for before.
      if (changesSchedules(current, next)) await sync(nameOf(key)).catch(() => {});
    },
  };
}
