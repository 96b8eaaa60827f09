import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dueAfter } from '../../host/timing/timing.ts';
import type { Schedule, Schedules } from '../../sdk/schedules.ts';
import type { Fired, Order, Outcome } from './schedules-function.ts';

export interface OpenedSchedules {
  run(order: Order): Promise<Outcome>;
  /** What the handler was called with so far. */
  fired(): Promise<readonly Fired[]>;
  /** Polls in time that passes, or lets time pass, until there is a value. */
  eventually<Value>(check: () => Promise<Value | undefined>): Promise<Value>;
  now(): number;
  close(): void | Promise<void>;
}

const HOUR = 3_600_000;

/** What `env.SCHEDULES` promises, wherever it is. */
export function schedulesSuite(name: string, open: () => Promise<OpenedSchedules>): void {
  describe(`schedules: ${name}`, () => {
    let opened: OpenedSchedules;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    const call = async (method: string, ...args: readonly unknown[]) => {
      const outcome = await opened.run({ method, args });
      if ('value' in outcome) return outcome.value;
      throw Object.assign(new Error(outcome.error.message), outcome.error);
    };
    const create = (options: object) => call('create', options) as ReturnType<Schedules['create']>;
    const get = (id: string) => call('get', id) as Promise<Schedule | null>;
    const cancel = (id: string) => call('cancel', id);
    const firedBy = (id: string, count = 1) =>
      opened.eventually(async () => {
        const mine = (await opened.fired()).filter((each) => each.id === id);
        return mine.length >= count ? mine : undefined;
      });

    it('a schedule is there when it is made, and not when it is cancelled', async () => {
      const at = opened.now() + HOUR;
      const { id } = await create({ at });
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      const schedule = { id, at, jitter: 0, overlap: 'allow', misfire: 'once', next: at, running: 0, waiting: 0 };
      expect(await get(id)).toEqual(schedule);
      expect(await call('list')).toEqual([schedule]);
      expect(await cancel(id)).toBe(true);
      expect(await cancel(id)).toBe(false);
      expect(await get(id)).toBeNull();
      expect(await call('list')).toEqual([]);
    });

    it('says all that it was given', async () => {
      const given = { id: 'all', every: '1h30m', jitter: '5s', overlap: 'queue', misfire: 'all', payload: { a: [1, null, 'ü'] } };
      expect(await create(given)).toEqual({ id: 'all' });
      expect(await get('all')).toMatchObject({ ...given, every: 5_400_000, jitter: 5_000 });
      const { next } = (await get('all'))!;
      expect(Math.abs(next! - opened.now() - 5_400_000)).toBeLessThan(10_000);
      await cancel('all');
    });

    it('a cron expression is read in UTC, or in its time zone', async () => {
      for (const when of [{ cron: '30 2 * * MON' }, { cron: '30 2 * * *', timezone: 'Australia/Lord_Howe' }]) {
        const { id } = await create(when);
        expect(await get(id)).toMatchObject({ ...when, next: dueAfter(when, opened.now()) });
        await cancel(id);
      }
    });

    it('fires once at its time, and is over', async () => {
      const at = opened.now() + 300;
      const { id } = await create({ at: { tag: 'date', time: at }, payload: { n: 1 } });
      const [fired] = await firedBy(id);
      expect(fired).toMatchObject({ id, cron: '', scheduledTime: at, attempt: 1, payload: { n: 1 } });
      expect(fired!.at).toBeGreaterThanOrEqual(at);
      await opened.eventually(async () => ((await get(id)) === null ? true : undefined));
      expect((await opened.fired()).filter((each) => each.id === id)).toHaveLength(1);
    });

    it('fires at once where its time has passed', async () => {
      const { id } = await create({ at: 1_000_000 });
      expect(await firedBy(id)).toMatchObject([{ scheduledTime: 1_000_000 }]);
    });

    it('fires again and again, evenly, until it is cancelled', async () => {
      const { id } = await create({ every: 2_000 });
      const begun = (await get(id))!.next!;
      const fired = await firedBy(id, 3);
      await cancel(id);
      expect(fired.slice(0, 3).map(({ scheduledTime }) => scheduledTime)).toEqual([begun, begun + 2_000, begun + 4_000]);
      expect(fired.every(({ payload }) => payload === undefined)).toBe(true);
    });

    it('is not tried again where the handler throws', async () => {
      const { id } = await create({ at: opened.now(), payload: 'throw' });
      await firedBy(id);
      await opened.eventually(async () => ((await get(id)) === null ? true : undefined));
      const { id: later } = await create({ at: opened.now() + 200 });
      await firedBy(later);
      expect((await opened.fired()).filter((each) => each.id === id)).toHaveLength(1);
    });

    it('an id is there once, and can be used again afterwards', async () => {
      await create({ id: 'twice', at: opened.now() + HOUR });
      await expect(create({ id: 'twice', every: '1h' })).rejects.toMatchObject({ name: 'ConflictError', code: 'conflict' });
      expect(await get('twice')).not.toHaveProperty('every');
      await cancel('twice');
      await create({ id: 'twice', every: '1h' });
      expect(await cancel('twice')).toBe(true);
    });

    it('ids may be any text that can be printed', async () => {
      const ids = ['a/b', 'declared/x', '../x', '%2e', ' ', 'ü', '\u{1F600}', 'x'.repeat(128), '!'];
      for (const id of ids) await create({ id, at: opened.now() + HOUR });
      const listed = (await call('list')) as Schedule[];
      expect(listed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      for (const id of ids) expect([id, await cancel(id)]).toEqual([id, true]);
    });

    it.each([
      ['nothing', {}, 'TypeError', /exactly one of at, cron and every/],
      ['two times', { at: 1, every: 5_000 }, 'TypeError', /exactly one/],
      ['an unknown key', { at: 1, cronn: '' }, 'TypeError', /knows no "cronn"/],
      ['a text for a time', { at: '2026-01-01' }, 'TypeError', /at is a Date/],
      ['no time', { at: { tag: 'nan' } }, 'TypeError', /at is a Date/],
      ['a time that no Date has', { at: 1e17 }, 'TypeError', /at is a Date/],
      ['four fields', { cron: '* * * *' }, 'TypeError', /4 fields instead of 5/],
      ['days of the week from 0', { cron: '0 0 * * 0' }, 'TypeError', /takes 1-7 \(SUN-SAT\)/],
      ['what never comes', { cron: '0 0 31 2 *' }, 'TypeError', /never comes due/],
      ['no expression', { cron: 5 }, 'TypeError', /five fields/],
      ['a zone that is none', { cron: '* * * * *', timezone: 'Mars/Olympus' }, 'TypeError', /timezone is the name/],
      ['a zone for an interval', { every: 5_000, timezone: 'UTC' }, 'TypeError', /timezone goes with cron/],
      ['too short an interval', { every: 999 }, 'RangeError', /1s to 3653d/],
      ['no interval', { every: 'often' }, 'TypeError', /such as "5m"/],
      ['too much jitter', { every: 5_000, jitter: '2d' }, 'RangeError', /0s to 1d/],
      ['a word that overlap has not', { every: 5_000, overlap: 'wait' }, 'TypeError', /skip, queue, allow/],
      ['a word that misfire has not', { every: 5_000, misfire: 'never' }, 'TypeError', /skip, once, all/],
      ['an empty id', { at: 1, id: '' }, 'TypeError', /An id is text/],
      ['an id that cannot be printed', { at: 1, id: 'a\nb' }, 'TypeError', /An id is text/],
      ['too long an id', { at: 1, id: 'x'.repeat(129) }, 'TypeError', /1 to 128 characters/],
      ['a payload that JSON has not', { at: 1, payload: { tag: 'function' } }, 'TypeError', /nothing that JSON has/],
      ['too large a payload', { at: 1, payload: { tag: 'large', size: 65_535 } }, 'RangeError', /65536 bytes/],
    ])('create() refuses %s', async (_what, options, kind, message) => {
      await expect(create(options)).rejects.toMatchObject({ name: kind, message: expect.stringMatching(message) as string });
    });

    it.each(['get', 'cancel'])('%s() refuses what is no id', async (method) => {
      await expect(call(method, 5)).rejects.toMatchObject({ name: 'TypeError' });
      await expect(call(method)).rejects.toMatchObject({ name: 'TypeError' });
      await expect(call('create', null)).rejects.toMatchObject({ name: 'TypeError' });
    });

    it('the largest payload passes', async () => {
      const { id } = await create({ at: opened.now() + HOUR, payload: { tag: 'large', size: 65_534 } });
      expect((await get(id))!.payload).toHaveLength(65_534);
      await cancel(id);
    });

    it('lists as many as there are', async () => {
      const ids = Array.from({ length: 1_050 }, (_, index) => `many-${String(index).padStart(5, '0')}`);
      for (let begin = 0; begin < ids.length; begin += 50)
        await Promise.all(ids.slice(begin, begin + 50).map((id) => create({ id, at: opened.now() + HOUR })));
      const listed = (await call('list')) as Schedule[];
      expect(listed.map(({ id }) => id)).toEqual(ids);
      for (let begin = 0; begin < ids.length; begin += 50) await Promise.all(ids.slice(begin, begin + 50).map(cancel));
      expect(await call('list')).toEqual([]);
    });
  });
}
