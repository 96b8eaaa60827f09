import { blocking, type HostInterface, type World } from '../../host.ts';
import type { Factory } from '../../wasi/settings.ts';
import { ok, type Result } from '../../wasi/values/result.ts';
import { attempt, bindingOf, invalidOrOther, type AccessDenied } from '../binding.ts';

/** A schedules binding: what a function makes for its own `scheduled` handler at run time. */
export interface SchedulesBinding {
  /** Gives the new schedule. */
  create(options: When & { readonly payload?: unknown }): Promise<{ readonly id: string }>;
  /** Whether there was one. */
  cancel(id: string): Promise<boolean>;
  list(): Promise<readonly Schedule[]>;
}

/** One of them: `at` in milliseconds since the epoch, `every` in milliseconds. */
export interface When {
  readonly at?: number | Date;
  readonly cron?: string;
  readonly every?: number;
}

export interface Schedule extends When {
  readonly id: string;
  readonly payload?: unknown;
  readonly next?: number | Date | null;
}

type Timing = { readonly tag: 'at' | 'every'; readonly val: bigint } | { readonly tag: 'cron'; readonly val: string };

const functions: HostInterface = {
  '[method]scheduler.create': blocking((scheduler: SchedulesBinding, timing: Timing, payload: string | undefined) =>
    attempt(async () => {
      const given = payload === undefined ? {} : { payload: JSON.parse(payload) as unknown };
      return (await scheduler.create({ ...whenOf(timing), ...given })).id;
    }, invalidOrOther),
  ),
  '[method]scheduler.cancel': blocking((scheduler: SchedulesBinding, id: string) => attempt(() => scheduler.cancel(id), invalidOrOther)),
  '[method]scheduler.list': blocking((scheduler: SchedulesBinding) =>
    attempt(async () => (await scheduler.list()).map(guestSchedule), invalidOrOther),
  ),
};

/** brink:schedules/schedules. */
export const schedules: Factory = (world) => ({ ...functions, open: (name: string) => openScheduler(world, name) });

function openScheduler(world: World, name: string): Result<SchedulesBinding, AccessDenied> {
  const binding = bindingOf<SchedulesBinding>(world, name, { name: 'scheduler', methods: ['create', 'cancel', 'list'] });
  return binding.tag === 'err' ? binding : ok(binding.val);
}

function whenOf({ tag, val }: Timing): When {
  if (tag === 'cron') return { cron: val };
  if (val > Number.MAX_SAFE_INTEGER) throw new RangeError(`${tag} ${val} is more milliseconds than there are.`);
  return { [tag]: Number(val) };
}

function guestSchedule({ id, at, cron, every, payload, next }: Schedule): object {
  const timing: Timing =
    cron !== undefined
      ? { tag: 'cron', val: cron }
      : at !== undefined
        ? { tag: 'at', val: millis(at) }
        : { tag: 'every', val: millis(every ?? 0) };
  return {
    id,
    timing,
    payload: payload === undefined ? undefined : JSON.stringify(payload),
    next: next === undefined || next === null ? undefined : millis(next),
  };
}

function millis(time: number | Date): bigint {
  return BigInt(Math.trunc(Number(time)));
}
