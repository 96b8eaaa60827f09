import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LEASE } from '../../host/bindings/schedules/step.ts';
import { cronSchedule, type DeclaredSchedule } from '../../host/registry/manifest-schedules.ts';
import type { LiveSchedule } from '../../host/registry/declared.ts';
import type { Store } from '../../host/stores/store.ts';
import { manualClock } from '../stores/clock.ts';
import { settled, World, type Call, type WorldOptions } from './schedules-world.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What schedules do in time, wherever they are kept. */
export function schedulesClockSuite(name: string, open: (now: () => number) => { store: Store; close(): void }): void {
  describe(`schedules in time: ${name}`, () => {
    let close: () => void;
    let clock: ReturnType<typeof manualClock>;
    let world: World;
    beforeEach(() => {
      clock = manualClock(START);
      const opened = open(clock.now);
      close = opened.close;
      world = new World({ store: opened.store, clock });
    });
    afterEach(() => close());
    const dues = (calls: readonly Call[] = world.calls) => calls.map(({ scheduledTime }) => scheduledTime - START);
    const declare = async (...schedules: readonly DeclaredSchedule[]) => {
      world.declared = schedules.map(live);
      await (world.hosts[0] ?? world.host()).trigger.sync('report');
    };
    const outcomes = async () =>
      (await world.hosts.at(-1)!.trigger.runs('report', { limit: 500 })).map(({ outcome }) => outcome).toReversed();

    describe('declared', () => {
      it('crons fire at their minutes, each once', async () => {
        await declare(cronSchedule('*/20 * * * *'), cronSchedule('30 0 * * *'));
        await world.elapse(HOUR);
        const cron = '*/20 * * * *';
        expect(world.calls[0]).toEqual({
          cron,
          schedule: cron,
          declared: true,
          attempt: 1,
          scheduledTime: START + 20 * MINUTE,
          host: 0,
          time: START + 20 * MINUTE,
        });
        expect(world.calls.map((call) => [call.cron, call.time - START])).toEqual([
          [cron, 20 * MINUTE],
          ['30 0 * * *', 30 * MINUTE],
          [cron, 40 * MINUTE],
          [cron, HOUR],
        ]);
        expect(dues()).toEqual(world.calls.map(({ time }) => time - START));
      });

      it('intervals count from when they went live, and do not begin again when a version with the same comes', async () => {
        await declare({ ...rules, name: 'tick', timing: { every: 10_000 } });
        await world.elapse(25_000);
        await declare({ ...rules, name: 'tick', timing: { every: 10_000 }, overlap: 'skip' });
        await world.elapse(25_000);
        expect(dues()).toEqual([10_000, 20_000, 30_000, 40_000, 50_000]);
      });

      it('end when no live version declares them any more, and begin anew', async () => {
        await declare(cronSchedule('* * * * *'));
        await world.elapse(2 * MINUTE);
        await declare();
        await world.elapse(5 * MINUTE);
        await declare(cronSchedule('* * * * *'));
        await world.elapse(MINUTE);
        expect(dues()).toEqual([MINUTE, 2 * MINUTE, 8 * MINUTE]);
      });

      it('two of one name at different times both fire, as an alias may name both versions', async () => {
        await declare({ ...rules, name: 'n', timing: { every: 20_000 } }, { ...rules, name: 'n', timing: { every: 30_000 } });
        await world.elapse(MINUTE);
        expect(dues()).toEqual([20_000, 30_000, 40_000, 60_000, 60_000]);
      });

      it('follow the registry also where the host that changed it is gone before it could say so', async () => {
        const host = world.host();
        await host.trigger.expect('report');
        world.declared = [live(cronSchedule('* * * * *'))];
        await world.elapse(MINUTE);
        expect(dues()).toEqual([MINUTE]);
      });

      it('those of a function that is gone are gone, also those that it made', async () => {
        const host = world.host();
        await declare(cronSchedule('* * * * *'));
        await host.schedules.create({ at: START + 90_000, id: 'made' });
        await world.elapse(MINUTE);
        world.declared = null;
        await host.trigger.sync('report');
        await world.elapse(HOUR);
        expect(dues()).toEqual([MINUTE]);
        expect(await host.schedules.list()).toEqual([]);
        expect(await host.trigger.runs('report', { limit: 10 })).toEqual([]);
      });

      it('in a time zone with summer time', async () => {
        clock.advance(Date.UTC(2026, 2, 28) - START);
        await declare({ ...rules, name: 'night', timing: { cron: '30 2 * * *', timezone: 'Europe/Berlin' } });
        await world.elapse(3 * DAY);
        expect(world.calls.map(({ time }) => new Date(time).toISOString().slice(0, 16))).toEqual([
          '2026-03-28T01:30',
          '2026-03-29T01:00',
          '2026-03-30T00:30',
        ]);
      });
    });

    describe('made at run time', () => {
      it('fire with what they were given', async () => {
        const { schedules } = world.host();
        const { id } = await schedules.create({ at: new Date(START + 5_000), payload: { to: 'ada' } });
        await world.elapse(4_999);
        expect(world.calls).toEqual([]);
        expect(await schedules.get(id)).toMatchObject({ at: START + 5_000, next: START + 5_000, payload: { to: 'ada' } });
        await world.elapse(HOUR);
        expect(world.calls).toMatchObject([
          { cron: '', scheduledTime: START + 5_000, schedule: id, payload: { to: 'ada' }, time: START + 5_000 },
        ]);
        expect(await schedules.get(id)).toBeNull();
      });

      it('are due at once where their time has passed, however long ago', async () => {
        const { schedules } = world.host();
        await schedules.create({ at: 0 });
        await world.elapse(0);
        expect(world.calls).toMatchObject([{ scheduledTime: 0, time: START }]);
      });

      it('of an interval do not drift, however long the handler takes', async () => {
        world.options.handler = () => clock.advance(300);
        const { schedules } = world.host();
        await schedules.create({ every: '1s' });
        await world.elapse(5_500);
        expect(dues()).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
      });

      it('do not fire any more once they are cancelled', async () => {
        const { schedules } = world.host();
        await schedules.create({ every: 1_000, id: 'e' });
        await world.elapse(2_000);
        expect(await schedules.cancel('e')).toBe(true);
        expect(await schedules.cancel('e')).toBe(false);
        await world.elapse(HOUR);
        expect(dues()).toEqual([1_000, 2_000]);
      });

      it('with jitter fire later, and say when they were due', async () => {
        const { schedules } = world.host();
        await schedules.create({ cron: '* * * * *', jitter: '30s', id: 'j' });
        await world.elapse(10 * MINUTE + 30_000);
        expect(dues()).toEqual(Array.from({ length: 10 }, (_, index) => (index + 1) * MINUTE));
        const late = world.calls.map(({ time, scheduledTime }) => time - scheduledTime);
        expect(new Set(late).size).toBeGreaterThan(5);
        expect(Math.max(...late)).toBeLessThan(30_000);
      });
    });

    describe('overlap', () => {
      const slow: WorldOptions['handler'] = () => new Promise((resolve) => void ends.push(resolve));
      let ends: (() => void)[] = [];
      beforeEach(() => {
        ends = [];
        world.options.handler = slow;
      });
      const begin = async (overlap: 'skip' | 'queue' | 'allow') => {
        await world.host().schedules.create({ every: 1_000, overlap });
        await world.elapse(3_000);
      };

      it('"allow" runs them at once', async () => {
        await begin('allow');
        expect(dues()).toEqual([1_000, 2_000, 3_000]);
      });

      it('"skip" leaves due times out while one runs', async () => {
        await begin('skip');
        expect(dues()).toEqual([1_000]);
        ends[0]!();
        await world.elapse(1_000);
        expect(dues()).toEqual([1_000, 4_000]);
        expect(await outcomes()).toEqual(['overlap', 'overlap', 'ok']);
      });

      it('"queue" has them wait for their turn', async () => {
        await begin('queue');
        expect(dues()).toEqual([1_000]);
        for (let turn = 0; turn < 3; turn++) {
          ends[turn]!();
          await world.elapse(0);
        }
        expect(dues()).toEqual([1_000, 2_000, 3_000]);
        expect(await world.hosts[0]!.schedules.list()).toMatchObject([{ running: 0, waiting: 0, next: START + 4_000 }]);
      });
    });

    describe('misfire', () => {
      /** Nobody is there from 1:30 to 10:45. */
      const afterDown = async (misfire: 'skip' | 'once' | 'all', { until = 10 * MINUTE + 45_000, cron = '*/2 * * * *' } = {}) => {
        const first = world.host();
        await first.schedules.create({ cron, misfire, id: 'm' });
        await world.elapse(90_000);
        first.crash();
        clock.advance(until - 90_000);
        await world.host().due();
        await settled();
      };

      it('"skip" runs none that were missed', async () => {
        await afterDown('skip', { until: 11 * MINUTE + 30_000 });
        expect(dues()).toEqual([]);
        const missed = { outcome: 'missed', due: START + 2 * MINUTE, until: START + 10 * MINUTE };
        expect(await world.hosts[1]!.trigger.runs('report', { limit: 5 })).toMatchObject([missed]);
        await world.elapse(MINUTE);
        expect(dues()).toEqual([12 * MINUTE]);
      });

      it('"once" runs the newest, however late', async () => {
        await afterDown('once', { until: 11 * MINUTE + 30_000 });
        expect(world.calls).toMatchObject([{ scheduledTime: START + 10 * MINUTE, time: START + 11 * MINUTE + 30_000 }]);
      });

      it('"all" runs each, in their order', async () => {
        await afterDown('all');
        expect(dues()).toEqual([2, 4, 6, 8, 10].map((minutes) => minutes * MINUTE));
      });

      it('one that is a minute late at most was not missed', async () => {
        await afterDown('skip');
        expect(dues()).toEqual([10 * MINUTE]);
      });

      it('"all" runs a thousand at most, the newest', async () => {
        await afterDown('all', { cron: '* * * * *', until: 2_000 * MINUTE });
        await world.elapse(0);
        expect(dues().slice(0, 3)).toEqual([MINUTE, 1_001 * MINUTE, 1_002 * MINUTE]);
        expect(world.calls).toHaveLength(1_001);
        expect(await outcomes()).toHaveLength(500);
      });
    });

    describe('clocks that are set', () => {
      it('forward: what lies between was missed', async () => {
        await declare(cronSchedule('* * * * *'));
        await world.elapse(MINUTE);
        clock.advance(DAY + 5_000);
        await world.elapse(MINUTE);
        expect(dues()).toEqual([MINUTE, DAY + MINUTE, DAY + 2 * MINUTE]);
      });

      it('back: no due time fires again', async () => {
        await declare(cronSchedule('* * * * *'));
        await world.elapse(3 * MINUTE);
        clock.advance(-2 * MINUTE - 30_000);
        await world.elapse(4 * MINUTE);
        expect(dues()).toEqual([MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE]);
      });
    });

    describe('hosts', () => {
      it('that crash in the middle of a run: it runs again when the claim has ended, once', async () => {
        const [first, second] = [world.host(), world.host()];
        world.options.handler = ({ host }) => (host === 0 ? new Promise(() => {}) : undefined);
        await first.schedules.create({ at: START + 1_000, id: 'a' });
        clock.advance(1_000);
        await first.due();
        await settled();
        first.crash();
        second.wake = 0;
        await world.elapse(9_999);
        expect(world.calls).toMatchObject([{ host: 0, attempt: 1 }]);
        await world.elapse(HOUR);
        expect(world.calls).toMatchObject([
          { host: 0, attempt: 1, scheduledTime: START + 1_000 },
          { host: 1, attempt: 2, scheduledTime: START + 1_000, time: START + 11_000 },
        ]);
        expect(await second.schedules.list()).toEqual([]);
        expect((await second.trigger.runs('report', { limit: 9 })).map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
          ['ok', 2],
          ['crashed', 1],
        ]);
      });

      it('that renew their claim run for as long as they like', async () => {
        vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
        const [host, other] = [world.host(), world.host()];
        let end!: () => void;
        world.options.handler = () => new Promise((resolve) => (end = resolve));
        await host.schedules.create({ at: START });
        await host.due();
        await settled();
        for (let step = 0; step < 5; step++) {
          // Its timer goes by the machine's clock, which stands still here too.
          await vi.advanceTimersByTimeAsync(LEASE / 3);
          other.wake = 0;
          await world.elapse(LEASE / 3);
        }
        end();
        await world.elapse(MINUTE);
        vi.useRealTimers();
        expect(world.calls).toHaveLength(1);
      });

      it('of one store never run a due time twice, in whatever order they come to it', async () => {
        const rounds = fc.array(fc.record({ host: fc.nat(2), ms: fc.nat(3_000) }), { minLength: 5, maxLength: 30 });
        await fc.assert(
          fc.asyncProperty(rounds, fc.constantFrom('skip', 'queue', 'allow'), async (steps, overlap) => {
            const before = world.calls.length;
            while (world.hosts.length < 3) world.host();
            const { id } = await world.hosts[0]!.schedules.create({ every: 1_000, overlap: overlap as 'allow', misfire: 'all' });
            const begin = world.now;
            for (const { host, ms } of steps) {
              clock.advance(ms);
              await Promise.all([world.hosts[host]!.due(), world.hosts[(host + 1) % 3]!.due(), world.hosts[host]!.due()]);
              await settled();
            }
            await world.elapse(0);
            const fired = world.calls.slice(before).map(({ scheduledTime }) => scheduledTime);
            expect(new Set(fired).size).toBe(fired.length);
            if (overlap !== 'skip')
              expect(fired.toSorted((a, b) => a - b)).toEqual(
                Array.from({ length: Math.floor((world.now - begin) / 1_000) }, (_, index) => begin + (index + 1) * 1_000),
              );
            await world.hosts[0]!.schedules.cancel(id);
          }),
          { numRuns: 15 },
        );
      });

      it('run a thousand that are due together a few at a time, each once', async () => {
        let [under, most] = [0, 0];
        world.options.handler = async () => {
          most = Math.max(most, ++under);
          await new Promise((resolve) => setImmediate(resolve));
          under--;
        };
        const { schedules } = world.host();
        for (let index = 0; index < 1_000; index++) await schedules.create({ at: START + MINUTE, id: `s${index}` });
        await world.elapse(MINUTE);
        for (let turn = 0; world.calls.length < 1_000 && turn < 100; turn++) await world.elapse(0);
        expect(world.calls).toHaveLength(1_000);
        expect(new Set(world.calls.map(({ schedule }) => schedule)).size).toBe(1_000);
        expect(most).toBe(32);
        expect(await schedules.list()).toEqual([]);
      });
    });

    it('one with many due times leaves slots to the others that are due, and fills those that they do not need', async () => {
      let release = () => {};
      const blocked = new Promise<void>((resolve) => (release = resolve));
      world.options.handler = () => blocked;
      const { schedules } = world.host();
      await schedules.create({ every: 1_000, misfire: 'all', id: 'many' });
      clock.advance(HOUR);
      for (const id of ['a', 'b', 'c']) await schedules.create({ at: START, id });
      await world.elapse(0);
      expect(world.calls).toHaveLength(32);
      expect(world.calls.filter(({ schedule }) => schedule !== 'many')).toHaveLength(3);
      release();
      await world.elapse(0);
    });

    it('a handler that throws is not called again; the history says how it ended', async () => {
      world.options.handler = () => Promise.reject(Object.assign(new Error('no'), { code: 'handler-threw' }));
      const { schedules, trigger } = world.host();
      await schedules.create({ at: START + 1_000, id: 'bad' });
      await world.elapse(HOUR);
      expect(world.calls).toHaveLength(1);
      expect(await trigger.runs('report', { limit: 5 })).toMatchObject([
        {
          schedule: 'bad',
          declared: false,
          due: START + 1_000,
          late: 0,
          started: START + 1_000,
          outcome: 'handler-threw',
          attempt: 1,
          version: null,
        },
      ]);
    });

    it('the history is bounded, newest first, and can be asked for one schedule', async () => {
      const { schedules, trigger } = world.host();
      await schedules.create({ every: 1_000, id: 'often' });
      await schedules.create({ every: 100_000, id: 'rare' });
      await world.elapse(700_000);
      const all = await trigger.runs('report', { limit: 500 });
      expect(all).toHaveLength(500);
      expect(all.map(({ ended }) => ended)).toEqual(all.map(({ ended }) => ended).toSorted((a, b) => b - a));
      expect((await trigger.runs('report', { limit: 2, schedule: 'rare' })).map(({ due }) => due - START)).toEqual([700_000, 600_000]);
    });
  });
}

const rules = { jitter: 0, overlap: 'allow', misfire: 'once' } as const;

function live(declared: DeclaredSchedule): LiveSchedule {
  return { ...declared, key: JSON.stringify([declared.name, declared.timing]) };
}
