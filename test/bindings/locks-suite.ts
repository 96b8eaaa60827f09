import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Play } from './locks.ts';

export interface OpenedLocks {
  readonly play: Play;
  close(): void | Promise<void>;
}

const error = (name: string, message: unknown = expect.any(String)) => ({ name, message });

/** What a lock binding promises within one invocation: Web Locks, with fences. */
export function locksSuite(name: string, open: () => Promise<OpenedLocks>): void {
  describe(`locks: ${name}`, () => {
    let opened: OpenedLocks;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    const shows = (scene: Parameters<Play>[0], value: unknown) => async () => expect(await opened.play(scene)).toEqual({ value });

    it('request() calls with the lock, resolves to what that gives, and has it back then', () =>
      shows('a callback has the lock', { value: 'given', seen: ['a', 'exclusive', true, false], free: true })());
    it('request() throws what the callback throws, and has the lock back', () =>
      shows('a callback that throws', { error: error('RangeError', 'mine'), free: true })());
    it('the fence grows with each grant, of shared locks too', () => shows('fences of a name', { grows: true, count: 8 })());
    it('waiters are served in order', () => shows('waiters in their order', { before: 0, order: [0, 1, 2, 3, 4, 5, 6, 7] })());
    it('shared locks are held together, and do not overtake an exclusive one', () =>
      shows('shared and exclusive', {
        log: ['one of two is free', 'exclusive', 'exclusive is free', 'shared'],
        overtaking: null,
      })());
    it('ifAvailable gives null where the lock is taken', () => shows('ifAvailable', { seen: [null, null], after: true })());
    it('a signal ends the wait, and nothing else', () =>
      shows('a signal', { early: error('RangeError', 'before'), late: error('RangeError', 'meanwhile'), without: false, pending: [] })());
    it('wait ends it with a TimeoutError', () =>
      shows('wait', { late: error('TimeoutError', 'The lock "h" was not free within 30 ms.'), next: true })());
    it('who gives up lets those behind it on', () => shows('one that gives up lets the next on', { together: true })());
    it('steal takes the lock from its holder, whose request fails', () =>
      shows('steal', {
        error: error('AbortError', expect.stringContaining('The lock "j" is lost')),
        grows: [true, true],
        lost: false,
      })());
    it('release() may come twice, and aborts nothing', () => shows('release', { aborted: false, free: true })());
    it('await using releases', () => shows('await using', { inside: ['l', null], free: true })());
    it('query() lists holders and waiters', () =>
      shows('query', {
        held: [
          ['m/1', 'shared'],
          ['m/1', 'shared'],
          ['m/2', 'exclusive'],
        ],
        pending: [
          ['m/1', 'exclusive'],
          ['m/2', 'shared'],
        ],
        clients: 1,
        fences: true,
        after: [],
      })());
    it('a name is any text of 512 bytes at most that does not begin with "-"', () =>
      shows('names', {
        free: [true, true, true, true, true, true, true],
        wrong: ['TypeError', 'TypeError', 'NotSupportedError', 'TypeError', 'TypeError'],
      })());
    it('refuses options that make no sense', () =>
      shows('what is no option', [
        'TypeError',
        'NotSupportedError',
        'NotSupportedError',
        'TypeError',
        'RangeError',
        'RangeError',
        'TypeError',
        'TypeError',
        'TypeError',
        'TypeError',
      ])());
    it('of many at once one is inside at a time', () => shows('many at once', { most: 1, done: 40, grows: true })());
  });
}
