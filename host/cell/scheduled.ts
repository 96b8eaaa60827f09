import type { ScheduledEvent } from '../dispatch/cell.ts';

/** `ScheduledController` of `sdk/handler.ts`, and whether the handler called its `noRetry()`. */
export function scheduledController({ cron, scheduledTime, schedule, attempt = 1, payload }: ScheduledEvent) {
  let noRetry = false;
  const controller = {
    type: 'scheduled',
    cron,
    scheduledTime,
    id: schedule ?? null,
    attempt,
    payload,
    noRetry: () => void (noRetry = true),
  };
  return { controller, noRetry: () => noRetry };
}
