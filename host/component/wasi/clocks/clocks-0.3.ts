import type { HostCall, HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { atMark, MONOTONIC_RESOLUTION, monotonicNow, SYSTEM_RESOLUTION, systemNow } from './time.ts';

const monotonic: HostInterface = {
  now: monotonicNow,
  'get-resolution': () => MONOTONIC_RESOLUTION,
  'wait-until': waitUntil,
  'wait-for'(howLong: bigint) {
    return howLong === 0n ? undefined : waitUntil.call(this, monotonicNow() + howLong);
  },
};

const system: HostInterface = {
  now: systemNow,
  'get-resolution': () => SYSTEM_RESOLUTION,
};

const timezone: HostInterface = {
  'iana-id': () => 'UTC',
  'utc-offset': () => 0n,
  'to-debug-string': () => 'UTC',
};

export const types: Factory = () => ({});
export const monotonicClock: Factory = () => monotonic;
export const systemClock: Factory = () => system;
export const timezoneClock: Factory = () => timezone;

function waitUntil(this: HostCall, mark: bigint): Promise<void> | undefined {
  if (mark <= monotonicNow()) return undefined;
  const { signal } = this;
  return new Promise((resolve) => {
    // One that was cancelled never ends: a guest that waits in a loop must not spin once its invocation is over.
    if (signal.aborted) return;
    const abort = () => stop();
    let stop = () => {};
    // The clock has gone on: the mark may be reached at once.
    stop = atMark(mark, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
