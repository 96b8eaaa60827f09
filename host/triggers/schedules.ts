import type { Manage } from '../bindings/manage.ts';
import type { RunRecord } from '../bindings/schedules/history.ts';
import type { ManagedSchedule } from '../bindings/schedules/management.ts';
import { BrinkError } from '../errors.ts';
import { declaredBy, type LiveSchedule } from '../registry/declared.ts';
import type { FunctionRecord } from '../registry/record.ts';
import type { ScheduleWatch } from '../registry/schedule-watch.ts';

/** The schedules of functions, from the host's side: that they follow the registry, and what can be seen of them. @throws {BrinkError} `store-unavailable` */
export interface ScheduleTrigger extends ScheduleWatch {
  list(name: string): Promise<readonly ManagedSchedule[]>;
  /** The newest first. */
  runs(name: string, options: { readonly limit: number; readonly schedule?: string }): Promise<readonly RunRecord[]>;
  /** Of those made at run time; false where there is none. */
  cancel(name: string, id: string): Promise<boolean>;
  /** Looks at functions whose schedules may not be known yet, as those that an earlier release published. */
  syncAll(records: readonly FunctionRecord[]): Promise<void>;
}

export function createScheduleTrigger(manage: Manage): ScheduleTrigger {
  const ask = (name: string, method: string, ...args: readonly unknown[]) =>
    manage({ kind: 'schedules', scope: `function/${name}` }, method, args).catch((cause: unknown) => {
      throw new BrinkError('store-unavailable', `The schedules of ${name} cannot be reached now. Try again in a moment.`, { cause });
    });
  return {
    list: async (name) => (await ask(name, 'list')) as readonly ManagedSchedule[],
    runs: async (name, options) => (await ask(name, 'runs', options)) as readonly RunRecord[],
    cancel: async (name, id) => (await ask(name, 'cancel', id)) as boolean,
    expect: async (name) => void (await ask(name, 'expect')),
    sync: async (name) => void (await ask(name, 'sync')),
    async syncAll(records) {
      for (const record of records) if (declaredBy(record).length > 0) await ask(record.name, 'sync');
    },
  };
}

/** What a function's schedules are to be; null where there is no such function. */
export function schedulesOfRecord(record: FunctionRecord | null): readonly LiveSchedule[] | null {
  return record && declaredBy(record);
}
