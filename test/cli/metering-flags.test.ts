import { expect, it } from 'vitest';
import { meteringOf } from '../../host/cli/metering-flags.ts';

it.each([
  [{}, undefined],
  [{ metering: true as const }, { exact: false }],
  [{ metering: 'batched' }, { exact: false }],
  [
    { metering: 'exact', usageDays: '400' },
    { exact: true, days: 400 },
  ],
])('%j is %j', (flags, options) => {
  expect(meteringOf(flags)).toEqual(options);
});

it.each([
  [{ metering: 'precise' }, '--metering is "batched" or "exact", not "precise".'],
  [{ metering: 'exact', usageDays: '0' }, '--usage-days is a number from 1 to 9999, not "0".'],
  [{ usageDays: '30' }, 'add --metering'],
])('%j is refused', (flags, message) => {
  expect(() => meteringOf(flags)).toThrow(message);
});
