import { describe, expect, it } from 'vitest';
import { cronAfter, cronProblem, isTimezone } from '../../host/timing/cron.ts';
import { cronFields } from '../../host/timing/cron-fields.ts';

describe('cron expressions', () => {
  it.each([
    ['* * * * *', '* * * * *'],
    ['*/20 0-12/6 1,15 * *', '0,20,40 0,6,12 1,15 * *'],
    ['5/20 * * * *', '5,25,45 * * * *'],
    ['59/3 22-1 * * *', '59 22,23,0,1 * * *'],
    ['50-10/10 * * nov-feb *', '50,0,10 * * 11,12,1,2 *'],
    ['0 0 1 JAN sun', '0 0 1 1 1'],
    ['0 17 * * 1', '0 17 * * 1'],
    ['10 7 * * mon-fri', '10 7 * * 2,3,4,5,6'],
    ['0 0 * * FRI-MON', '0 0 * * 6,7,1,2'],
    ['0 0 L * *', '0 0 L * *'],
    ['0 0 lw * *', '0 0 LW * *'],
    ['0 0 l,15 * *', '0 0 L,15 * *'],
    ['0 18 * * 6L', '0 18 * * 6#L'],
    ['0 18 * * friL', '0 18 * * 6#L'],
    ['0 0 * * L', '0 0 * * 7'],
    ['0 0 ? * TUE#3,4#1', '0 0 * * 3#3,4#1'],
    ['*,5 * * * *', '* * * * *'],
    ['  0 0 * * 7 ', '0 0 * * 7'],
    ['*/90 * * * *', '0 * * * *'],
  ])('%j is %j, written out', (cron, expected) => {
    expect(cronFields(cron)).toEqual({ fields: expected.split(' ') });
    expect(cronProblem(cron)).toBeNull();
  });

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * 32 * *',
    '* * * 13 *',
    '* * * * 8',
    '* * * * 0',
    '* * * * 0-6',
    'a * * * *',
    '*/0 * * * *',
    '1- * * * *',
    '1-2-3 * * * *',
    '1/2/3 * * * *',
    ', * * * *',
    '@daily',
    'JAN * * * *',
    '* * * * 1#6',
    '? * * * *',
    '* * L-3 * *',
    '* * 32W * *',
    '0 0 LW,15W * *',
    '0 0 15W,20 * *',
    '* * * * 8L',
  ])('refuses %j', (cron) => {
    expect(cronProblem(cron)).toMatch(/^has /);
  });

  it('says how the days of the week are counted', () => {
    expect(cronProblem('0 0 * * 0')).toBe('has "0" as its day of week, which takes 1-7 (SUN-SAT), "*", "a-b" and "a/step"');
  });

  it.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *'])('refuses %j, which never comes due', (cron) => {
    expect(cronProblem(cron)).toMatch(/never comes due/);
  });

  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['America/Argentina/Buenos_Aires', true],
    ['Europe/Nowhere', false],
    ['', false],
    ['+02:00', false],
    ['Z', false],
  ])('the time zone %j is one: %s', (name, expected) => {
    expect(isTimezone(name)).toBe(expected);
  });
});

/** The next times after `from`, as UTC, to the minute. */
function next(cron: string, from: string, { timezone = 'UTC', count = 3 } = {}): string[] {
  const times: string[] = [];
  let time: number | null = Date.parse(`${from}Z`);
  while (times.length < count && (time = cronAfter(cron, timezone, time)) !== null) times.push(new Date(time).toISOString().slice(0, 16));
  return times;
}

describe('times of cron expressions', () => {
  it.each([
    ['every minute, not the one that it is', '* * * * *', '2026-01-01T00:00', ['2026-01-01T00:01', '2026-01-01T00:02', '2026-01-01T00:03']],
    ['Sunday is 1', '0 17 * * 1', '2026-01-01T00:00', ['2026-01-04T17:00', '2026-01-11T17:00', '2026-01-18T17:00']],
    ['working days are 2-6', '10 7 * * 2-6', '2026-01-02T07:10', ['2026-01-05T07:10', '2026-01-06T07:10', '2026-01-07T07:10']],
    ['a range that goes round', '0 0 * * SAT-SUN', '2026-01-01T00:00', ['2026-01-03T00:00', '2026-01-04T00:00', '2026-01-10T00:00']],
    ['day of month or day of week', '0 0 13 * FRI', '2026-02-01T00:00', ['2026-02-06T00:00', '2026-02-13T00:00', '2026-02-20T00:00']],
    ['the last day of the month', '0 12 L * *', '2027-12-31T12:00', ['2028-01-31T12:00', '2028-02-29T12:00', '2028-03-31T12:00']],
    ['the last weekday of the month', '59 23 LW * *', '2026-01-01T00:00', ['2026-01-30T23:59', '2026-02-27T23:59', '2026-03-31T23:59']],
    ['the weekday next to the 15th', '0 0 15W * *', '2026-02-01T00:00', ['2026-02-16T00:00', '2026-03-16T00:00', '2026-04-15T00:00']],
    [
      'the weekday next to the 1st, in its month',
      '0 0 1W * *',
      '2026-07-15T00:00',
      ['2026-08-03T00:00', '2026-09-01T00:00', '2026-10-01T00:00'],
    ],
    ['the last Friday', '0 18 * * 6L', '2026-01-01T00:00', ['2026-01-30T18:00', '2026-02-27T18:00', '2026-03-27T18:00']],
    ['the second Monday', '0 10 * * MON#2', '2026-01-01T00:00', ['2026-01-12T10:00', '2026-02-09T10:00', '2026-03-09T10:00']],
    ['a fifth Sunday', '0 0 * * 1#5', '2026-01-01T00:00', ['2026-03-29T00:00', '2026-05-31T00:00', '2026-08-30T00:00']],
    ['the 31st', '0 0 31 * *', '2026-01-31T00:00', ['2026-03-31T00:00', '2026-05-31T00:00', '2026-07-31T00:00']],
    ['the 29th of February', '0 0 29 2 *', '2026-01-01T00:00', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
    ['a century without a leap day', '0 0 29 2 *', '2096-02-29T00:00', ['2104-02-29T00:00', '2108-02-29T00:00', '2112-02-29T00:00']],
    ['the turn of the year', '59 23 31 12 *', '2026-06-01T00:00', ['2026-12-31T23:59', '2027-12-31T23:59', '2028-12-31T23:59']],
  ])('%s', (_what, cron, from, expected) => {
    expect(next(cron, from)).toEqual(expected);
  });

  // A job of one time a day runs once on each: at the end of a gap, and the first time of an hour that comes twice. What runs
  // again and again within hours leaves a gap out, and goes on through an hour that comes twice: as croner documents it.
  it.each([
    ['Europe/Berlin', 'a gap, once a day', '30 2 * * *', '2026-03-28T00:00', ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30']],
    [
      'Europe/Berlin',
      'a gap, each half hour',
      '*/30 * * * *',
      '2026-03-29T00:00',
      ['2026-03-29T00:30', '2026-03-29T01:00', '2026-03-29T01:30'],
    ],
    ['Europe/Berlin', 'a gap, two hours', '0 2,3 * * *', '2026-03-28T12:00', ['2026-03-29T01:00', '2026-03-30T00:00', '2026-03-30T01:00']],
    [
      'Europe/Berlin',
      'an hour twice, once a day',
      '30 2 * * *',
      '2026-10-24T12:00',
      ['2026-10-25T00:30', '2026-10-26T01:30', '2026-10-27T01:30'],
    ],
    [
      'Europe/Berlin',
      'an hour twice, each half hour',
      '*/30 2 * * *',
      '2026-10-24T12:00',
      ['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-25T01:00'],
    ],
    [
      'America/New_York',
      'a gap, once a day',
      '30 2 * * *',
      '2026-03-07T12:00',
      ['2026-03-08T07:00', '2026-03-09T06:30', '2026-03-10T06:30'],
    ],
    [
      'America/New_York',
      'an hour twice, once a day',
      '30 1 * * *',
      '2026-10-31T12:00',
      ['2026-11-01T05:30', '2026-11-02T06:30', '2026-11-03T06:30'],
    ],
    [
      'America/New_York',
      'an hour twice, each hour',
      '0 * * * *',
      '2026-11-01T04:00',
      ['2026-11-01T05:00', '2026-11-01T06:00', '2026-11-01T07:00'],
    ],
    [
      'Australia/Lord_Howe',
      'half an hour of gap',
      '15 2 * * *',
      '2026-10-02T12:00',
      ['2026-10-02T15:45', '2026-10-03T15:30', '2026-10-04T15:15'],
    ],
    [
      'Australia/Lord_Howe',
      'half an hour twice',
      '45 1 * * *',
      '2026-04-03T12:00',
      ['2026-04-03T14:45', '2026-04-04T14:45', '2026-04-05T15:15'],
    ],
    [
      'Australia/Lord_Howe',
      'half an hour twice, each quarter',
      '*/15 1 * * *',
      '2026-04-04T14:15',
      ['2026-04-04T14:30', '2026-04-04T14:45', '2026-04-04T15:00'],
    ],
    [
      'Australia/Sydney',
      'a gap in October',
      '30 2 * * *',
      '2026-10-02T18:00',
      ['2026-10-03T16:00', '2026-10-04T15:30', '2026-10-05T15:30'],
    ],
    [
      'America/Santiago',
      'a gap at midnight',
      '0 0 * * *',
      '2026-09-05T00:00',
      ['2026-09-05T04:00', '2026-09-06T04:00', '2026-09-07T03:00'],
    ],
    [
      'Asia/Kolkata',
      'half an hour from others',
      '0 9 * * *',
      '2026-01-01T00:00',
      ['2026-01-01T03:30', '2026-01-02T03:30', '2026-01-03T03:30'],
    ],
    [
      'Asia/Kathmandu',
      'a quarter from others',
      '0 9 * * *',
      '2026-01-01T00:00',
      ['2026-01-01T03:15', '2026-01-02T03:15', '2026-01-03T03:15'],
    ],
    [
      'Pacific/Apia',
      'a day that never was',
      '0 12 30 12 *',
      '2011-12-01T00:00',
      ['2012-12-29T22:00', '2013-12-29T22:00', '2014-12-29T22:00'],
    ],
  ])('%s: %s', (timezone, _what, cron, from, expected) => {
    expect(next(cron, from, { timezone })).toEqual(expected);
  });
});
