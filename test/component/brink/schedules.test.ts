import { describe, expect, it } from 'vitest';
import { schedules } from '../../../host/component/brink/schedules/schedules.ts';
import { fakeWorld, functionsOf } from '../wasi/fake-world.ts';
import { fakeQueue, fakeSchedules } from './bindings.ts';

function opened(fake: object = fakeSchedules()) {
  const functions = functionsOf(schedules, { world: fakeWorld({ env: { S: fake } }) });
  const { val: scheduler } = functions['open']!('S') as { val: unknown };
  return (name: string, ...args: unknown[]) => functions[`[method]scheduler.${name}`]!(scheduler, ...args);
}

describe('brink:schedules/schedules', () => {
  it('opens what is a scheduler among the bindings, and nothing else', () => {
    const { open } = functionsOf(schedules, { world: fakeWorld({ env: { S: fakeSchedules(), Q: fakeQueue() } }) });
    expect(open!('S')).toMatchObject({ tag: 'ok' });
    expect(open!('Q')).toEqual({ tag: 'err', val: { tag: 'access-denied', val: 'The function\'s binding "Q" is no scheduler.' } });
    expect(open!('X')).toMatchObject({ tag: 'err', val: { tag: 'access-denied' } });
  });

  it('creates, lists and cancels', async () => {
    const fake = fakeSchedules();
    const call = opened(fake);
    expect(await call('create', { tag: 'at', val: 1_800_000_000_000n }, '{"a":[1]}')).toEqual({ tag: 'ok', val: 's1' });
    await call('create', { tag: 'cron', val: '0 5 * * *' }, undefined);
    await call('create', { tag: 'every', val: 60_000n }, undefined);
    expect([...fake.all.values()]).toMatchObject([
      { at: 1_800_000_000_000, payload: { a: [1] } },
      { cron: '0 5 * * *' },
      { every: 60_000 },
    ]);
    const next = 1_700_000_060_000n;
    expect(await call('list')).toEqual({
      tag: 'ok',
      val: [
        { id: 's1', timing: { tag: 'at', val: 1_800_000_000_000n }, payload: '{"a":[1]}', next },
        { id: 's2', timing: { tag: 'cron', val: '0 5 * * *' }, payload: undefined, next },
        { id: 's3', timing: { tag: 'every', val: 60_000n }, payload: undefined, next },
      ],
    });
    expect(await call('cancel', 's2')).toEqual({ tag: 'ok', val: true });
    expect(await call('cancel', 's2')).toEqual({ tag: 'ok', val: false });
  });

  it('takes times of a binding that gives dates', async () => {
    const call = opened({ ...fakeSchedules(), list: async () => [{ id: 'a', at: new Date(5), next: null }] });
    expect(await call('list')).toEqual({
      tag: 'ok',
      val: [{ id: 'a', timing: { tag: 'at', val: 5n }, payload: undefined, next: undefined }],
    });
  });

  it.each([
    ['a cron expression', { tag: 'cron', val: 'no' }, undefined],
    ['a payload', { tag: 'every', val: 1n }, '{'],
    ['a time', { tag: 'at', val: 2n ** 60n }, undefined],
  ])('says that %s cannot be read', async (_what, timing, payload) => {
    expect(await opened()('create', timing, payload)).toMatchObject({ tag: 'err', val: { tag: 'invalid' } });
  });

  it('an error of the store is the guest’s to handle', async () => {
    const call = opened({ ...fakeSchedules(), list: () => Promise.reject(new Error('away')) });
    expect(await call('list')).toEqual({ tag: 'err', val: { tag: 'other', val: 'away' } });
  });
});
