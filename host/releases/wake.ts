import type { Manage } from '../bindings/manage.ts';
import { BrinkError } from '../errors.ts';

/** Has the releases of a function looked at when they are due, by what keeps its schedules; null where a host has no times of its own. */
export function wakeBy(manage: Manage | null): ((name: string, time: number) => Promise<void>) | null {
  if (manage === null) return null;
  return async (name, time) => {
    await manage({ kind: 'releases', scope: `function/${name}` }, 'wake', [time]).catch((cause: unknown) => {
      throw new BrinkError('store-unavailable', `The releases of ${name} cannot be reached now. Try again in a moment.`, { cause });
    });
  };
}
