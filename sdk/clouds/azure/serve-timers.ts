import type { Call, Settings } from '../settings.ts';
import { invoke } from './invoke.ts';
import type { TimerFunction } from './registry.ts';

interface Scheduled {
  readonly cron: string;
  readonly scheduledTime: number;
  readonly id: string | null;
}

/** How late a run is `isPastDue`, in ms. */
const LATE = 60_000;

/** A schedule calls the timer that has its name, or its expression; the only timer takes any. */
export function serveTimers(all: readonly TimerFunction[], settings: Settings) {
  return async ({ cron, scheduledTime, id }: Scheduled, env: Readonly<Record<string, unknown>>, { brink }: Call): Promise<void> => {
    const fn =
      all.find(({ name }) => name === id) ??
      all.find(({ schedule }) => sameTimes(schedule, cron)) ??
      (all.length === 1 ? all[0] : undefined);
    if (fn === undefined)
      throw new TypeError(
        `No app.timer has the name ${JSON.stringify(id)} or the schedule ${JSON.stringify(cron)}; there are ${all.map(({ name }) => JSON.stringify(name)).join(', ')}.`,
      );
    const due = new Date(scheduledTime).toISOString();
    const timer = {
      schedule: { adjustForDST: true },
      scheduleStatus: { last: due, next: due, lastUpdated: due },
      isPastDue: Date.now() - scheduledTime > LATE,
    };
    const context = { invocationId: brink.requestId, traceParent: brink.traceparent, options: { ...fn } };
    await invoke(fn, { settings, env, context, trigger: timer });
  };
}

/** Azure's expressions begin with seconds; those of `triggers.crons` have none. */
function sameTimes(schedule: string, cron: string): boolean {
  const fields = schedule.trim().split(/\s+/);
  const minutes = fields.length === 6 && fields[0] === '0' ? fields.slice(1) : fields;
  return minutes.join(' ') === cron.trim().split(/\s+/).join(' ') && cron !== '';
}
