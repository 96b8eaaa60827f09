import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationOf, durationText } from '../../host/timing/duration.ts';
import { dueAfter, duesWithin, fireTime, type Timing } from '../../host/timing/timing.ts';

const START = Date.UTC(2026, 0, 1);

describe('due times', () => {
  it('of an interval do not drift, whatever is asked between them', () => {
    const timing = { every: 7_000, from: START };
    expect(dueAfter(timing, START - 1_000_000)).toBe(START + 7_000);
    expect(dueAfter(timing, START)).toBe(START + 7_000);
    expect(dueAfter(timing, START + 6_999)).toBe(START + 7_000);
    expect(dueAfter(timing, START + 7_000)).toBe(START + 14_000);
    expect(dueAfter(timing, START + 7_000 * 1_000_000 + 3)).toBe(START + 7_000 * 1_000_001);
  });

  it('of a time there is one', () => {
    expect(dueAfter({ at: START }, START - 1)).toBe(START);
    expect(dueAfter({ at: START }, START)).toBeNull();
  });

  it('that have passed are the newest of them', () => {
    const every = { every: 1_000, from: START };
    expect(duesWithin(every, { from: START, until: START + 3_500, limit: 10 })).toEqual([START + 1_000, START + 2_000, START + 3_000]);
    expect(duesWithin(every, { from: START, until: START + 3_000, limit: 2 })).toEqual([START + 2_000, START + 3_000]);
    const yearly = { cron: '0 0 1 1 *' };
    expect(duesWithin(yearly, { from: START, until: START, limit: 10 })).toEqual([START]);
    expect(duesWithin(yearly, { from: START, until: START - 1, limit: 10 })).toEqual([]);
    expect(duesWithin({ at: START }, { from: START, until: START + 5, limit: 10 })).toEqual([START]);
    expect(duesWithin({ at: START }, { from: START + 1, until: START + 5, limit: 10 })).toEqual([]);
  });

  it('of ten years without a host are found at once', () => {
    const begin = performance.now();
    expect(duesWithin({ cron: '* * * * *' }, { from: START, until: START + 3_650 * 86_400_000, limit: 2 })).toHaveLength(2);
    expect(performance.now() - begin).toBeLessThan(3_000);
  });

  it('of any expression grow strictly, match it, and none is left out', () => {
    fc.assert(
      fc.property(expression, zone, moment, (cron, timezone, from) => {
        const timing = { cron, timezone };
        const times = timesAfter(timing, from, 12);
        for (const [index, time] of times.entries()) {
          expect(time).toBeGreaterThan(index === 0 ? from : times[index - 1]!);
          expect(time % 60_000).toBe(0);
        }
        const until = times.at(-1);
        if (until === undefined) return;
        // From the other end, and by looking at each minute in between.
        expect(duesWithin(timing, { from: from + 1, until, limit: 100 })).toEqual(times);
        const end = Math.min(until, from + 86_400_000);
        if (!isFlat(timezone, from, end)) return;
        for (let minute = Math.floor(from / 60_000 + 1) * 60_000; minute < end; minute += 60_000)
          if (times.includes(minute) !== matches(cron, timezone, minute)) expect.fail(`${cron} ${timezone} ${minute}`);
      }),
      { numRuns: 100 },
    );
  });

  it('of any timing are the same, asked one by one or together', () => {
    const timing = fc.oneof(
      fc.record({ every: fc.integer({ min: 1_000, max: 86_400_000 }), from: moment }),
      fc.record({ cron: expression, timezone: zone }),
    );
    fc.assert(
      fc.property(timing, fc.nat(3_600_000), fc.integer({ min: 1, max: 20 }), (each, offset, limit) => {
        const from = 'from' in each ? each.from + offset : START + offset;
        const times = timesAfter(each, from, 20);
        const until = times.at(-1) ?? from;
        expect(duesWithin(each, { from: from + 1, until, limit })).toEqual(times.slice(-limit));
      }),
    );
  });
});

describe('jitter', () => {
  const timing = { every: 60_000, from: START };

  it('is the same for a schedule and a due time, and another for others', () => {
    const times = Array.from({ length: 50 }, (_, index) => START + index * 60_000);
    const fires = times.map((due) => fireTime(timing, { id: 'a', due, jitter: 10_000 }) - due);
    expect(times.map((due) => fireTime(timing, { id: 'a', due, jitter: 10_000 }) - due)).toEqual(fires);
    expect(times.map((due) => fireTime(timing, { id: 'b', due, jitter: 10_000 }) - due)).not.toEqual(fires);
    expect(new Set(fires).size).toBeGreaterThan(40);
    expect(Math.min(...fires)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fires)).toBeLessThan(10_000);
    expect(fireTime(timing, { id: 'a', due: START, jitter: 0 })).toBe(START);
  });

  it('spreads over all of it', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index++) {
      const late = fireTime({ at: START }, { id: `schedule-${index}`, due: START, jitter: 1_000 }) - START;
      counts[Math.floor(late / 100)]!++;
    }
    for (const count of counts) expect(count).toBeGreaterThan(850);
    for (const count of counts) expect(count).toBeLessThan(1_150);
  });

  it('never changes the order of due times, however large it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1_000, max: 100_000 }), fc.nat(86_400_000), (id, every, jitter) => {
        const each = { every, from: START };
        let last = 0;
        for (const due of timesAfter(each, START, 20)) {
          const fires = fireTime(each, { id, due, jitter });
          expect(fires).toBeGreaterThanOrEqual(Math.max(last, due));
          expect(fires).toBeLessThanOrEqual(due + Math.min(jitter, every));
          last = fires;
        }
      }),
    );
  });
});

describe('durations', () => {
  it.each([
    [90_000, 90_000],
    [0, 0],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['250ms', 250],
    ['5', null],
    ['', null],
    ['5 m', null],
    ['-5m', null],
    ['1.5h', null],
    ['5w', null],
    [1.5, null],
    [-1, null],
    [NaN, null],
    [null, null],
    ['9'.repeat(16) + 's', null],
    ['999999999999999d', null],
  ])('%j is %j ms', (value, expected) => {
    expect(durationOf(value)).toBe(expected);
  });

  it.each([
    [0, '0s'],
    [1_000, '1s'],
    [90_000, '1m30s'],
    [86_400_000, '1d'],
    [5_400_250, '1h30m250ms'],
  ])('%j ms are %j', (duration, expected) => {
    expect(durationText(duration)).toBe(expected);
    expect(durationOf(expected)).toBe(duration);
  });
});

function timesAfter(timing: Timing, from: number, count: number): number[] {
  const times: number[] = [];
  for (let time = dueAfter(timing, from); time !== null && times.length < count; time = dueAfter(timing, time)) times.push(time);
  return times;
}

const term = (min: number, max: number) => {
  const value = fc.integer({ min, max });
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant('*') },
    { weight: 2, arbitrary: value.map(String) },
    fc.tuple(value, value).map(([from, to]) => `${from}-${to}`),
    fc.integer({ min: 1, max: max - min + 5 }).map((step) => `*/${step}`),
    fc.tuple(value, fc.integer({ min: 1, max: 9 })).map(([from, step]) => `${from}/${step}`),
    fc.array(value, { minLength: 2, maxLength: 4 }).map((values) => values.join()),
  );
};
const expression = fc
  .tuple(
    term(0, 59),
    term(0, 23),
    fc.oneof(term(1, 28), fc.constantFrom('L', 'LW', '15W', '1W', 'L,15')),
    term(1, 12),
    fc.oneof(term(1, 7), fc.constantFrom('MON-FRI', 'SAT-SUN', '6L', '2#2', '3#1,FRIL', '?')),
  )
  .map((fields) => fields.join(' '));
const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kathmandu');
const moment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2037, 0, 1) });

/** Whether clocks of the zone are not set in a time, or near it: what happens then stands in the table of cron.test.ts. */
function isFlat(timezone: string, from: number, until: number): boolean {
  return (
    new Set([from - 86_400_000, from, until, until + 86_400_000].map((time) => partsOf(timezone, time).get('timeZoneName'))).size === 1
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(timezone: string, time: number): Map<string, string> {
  let format = formats.get(timezone);
  const fields = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    timeZoneName: 'longOffset',
  } as const;
  if (format === undefined) formats.set(timezone, (format = new Intl.DateTimeFormat('en-GB', { ...fields, timeZone: timezone })));
  return new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
}

/** A second reading of the expression, for a minute in its zone. */
function matches(cron: string, timezone: string, time: number): boolean {
  const parts = partsOf(timezone, time);
  const part = (type: string) => Number(parts.get(type));
  const [year, month, day] = [part('year'), part('month'), part('day')];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
  const [minutes, hours, days, months, weekdays] = cron.split(' ') as [string, string, string, string, string];
  const inDays = days.split(',').some((each) => ofMonth(each, { year, month, day }));
  const inWeek = weekdays.split(',').some((each) => ofWeek(each, { weekday, day, last: lastOf(year, month) }));
  const free = (field: string) => field === '*' || field === '?';
  const onDay = free(days) ? free(weekdays) || inWeek : free(weekdays) ? inDays : inDays || inWeek;
  return onDay && within(minutes, part('minute'), [0, 59]) && within(hours, part('hour') % 24, [0, 23]) && within(months, month, [1, 12]);
}

function within(field: string, value: number, [min, max]: readonly [number, number]): boolean {
  return field.split(',').some((each) => {
    const [range = '', step] = each.split('/');
    const [from, to] =
      range === '*'
        ? [min, max]
        : range.includes('-')
          ? range.split('-').map(Number)
          : [Number(range), step === undefined ? Number(range) : max];
    const size = max - min + 1;
    const distance = (value - from! + size) % size;
    return distance <= (to! - from! + size) % size && distance % Number(step ?? 1) === 0;
  });
}

function ofMonth(term: string, { year, month, day }: { year: number; month: number; day: number }): boolean {
  const last = lastOf(year, month);
  if (term === 'L') return day === last;
  if (!term.endsWith('W')) return within(term, day, [1, 31]);
  const wanted = term === 'LW' ? last : Number(term.slice(0, -1));
  const weekday = new Date(Date.UTC(year, month - 1, wanted)).getUTCDay();
  if (weekday === 6) return day === (wanted === 1 ? 3 : wanted - 1);
  if (weekday === 0) return day === (wanted === last ? wanted - 2 : wanted + 1);
  return day === wanted;
}

function ofWeek(term: string, { weekday, day, last }: { weekday: number; day: number; last: number }): boolean {
  const numbered = term.replace(/SUN|MON|TUE|WED|THU|FRI|SAT/g, (name) => String('SUNMONTUEWEDTHUFRISAT'.indexOf(name) / 3 + 1));
  if (numbered.endsWith('L')) return weekday === Number(numbered.slice(0, -1)) && day + 7 > last;
  const [which, count] = numbered.split('#');
  if (count !== undefined) return weekday === Number(which) && Math.ceil(day / 7) === Number(count);
  return numbered === '?' || within(numbered, weekday, [1, 7]);
}

function lastOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
