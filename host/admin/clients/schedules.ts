import type { RunResult, ScheduledRequest, ScheduledResult, ScheduleResult, TickResult } from '../schemas/schedules.ts';
import { query, segment, withBody, type Call } from './request.ts';

/** The part of the client for schedules, and for the clock that they go by. */
export function schedulesClient(call: Call) {
  return {
    scheduled: (name: string, request: ScheduledRequest = {}) =>
      call<ScheduledResult>('POST', `/functions/${segment(name)}/scheduled`, withBody(request)),
    schedules: async (name: string) =>
      (await call<{ schedules: ScheduleResult[] }>('GET', `/functions/${segment(name)}/schedules`)).schedules,
    /** The newest first. */
    runs: async (name: string, { limit, schedule }: { limit?: number; schedule?: string } = {}) =>
      (await call<{ runs: RunResult[] }>('GET', `/functions/${segment(name)}/runs${query({ limit, schedule })}`)).runs,
    /** Of a host whose clock can be moved. */
    tick: (ms: number) => call<TickResult>('POST', '/clock/tick', withBody({ ms })),
    cancelSchedule: (name: string, id: string) => call<object>('DELETE', `/functions/${segment(name)}/schedules/${segment(id)}`),
  };
}
