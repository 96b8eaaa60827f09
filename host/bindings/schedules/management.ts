import { BindingError } from '../binding-error.ts';
import type { Methods } from '../binding.ts';
import type { RunRecord } from './history.ts';
import { cancel } from './methods.ts';
import type { ScheduleScope } from './scope.ts';
import { viewOf, type ScheduleView } from './view.ts';

/** Ms until the registry is looked at for a change of which nothing more was heard. */
const EXPECT = 5_000;

/** As the admin API shows it. */
export interface ManagedSchedule extends ScheduleView {
  readonly declared: boolean;
}

/** What the host itself asks of a function's schedules. */
export interface Management {
  /** Those of the manifest first, then those made at run time. */
  list(): Promise<readonly ManagedSchedule[]>;
  /** The newest first; of one schedule where it is named. */
  runs(options: { readonly limit: number; readonly schedule?: string }): Promise<readonly RunRecord[]>;
  /** Of those made at run time. */
  cancel(id: string): Promise<boolean>;
  /** The registry is about to change. */
  expect(): Promise<void>;
  /** It has changed. */
  sync(): Promise<void>;
}

export function createManagement(scope: ScheduleScope): Methods {
  const { book, history } = scope;
  return {
    async list() {
      const kept = await Promise.all((await book.keys('')).map((key) => book.get(key)));
      return { value: kept.filter((each) => each !== null).map((each) => ({ ...viewOf(each), declared: each.declared })) };
    },
    runs: async ([options]) => ({ value: await history.list(options as Parameters<Management['runs']>[0]) }),
    async cancel([id]) {
      if (typeof id !== 'string') throw new BindingError('An id is text.', { name: 'TypeError' });
      return { value: await cancel(scope, id) };
    },
    async expect() {
      await scope.expectChange(EXPECT);
      return { value: null };
    },
    async sync() {
      await scope.sync();
      return { value: null };
    },
  };
}
