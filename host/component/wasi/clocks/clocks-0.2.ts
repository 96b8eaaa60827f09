import type { HostInterface } from '../../host.ts';
import { Pollable } from '../io/poll.ts';
import { READY, type Readiness } from '../io/readiness.ts';
import type { Factory } from '../settings.ts';
import { atMark, MONOTONIC_RESOLUTION, monotonicNow, SYSTEM_RESOLUTION, systemNow } from './time.ts';

const monotonic: HostInterface = {
  now: monotonicNow,
  resolution: () => MONOTONIC_RESOLUTION,
  'subscribe-instant': (mark: bigint) => readyAt(mark),
  'subscribe-duration': (duration: bigint) => readyAt(monotonicNow() + duration),
};

const wall: HostInterface = {
  now: systemNow,
  resolution: () => ({ seconds: 0n, nanoseconds: Number(SYSTEM_RESOLUTION) }),
};

const timezone: HostInterface = {
  display: () => ({ 'utc-offset': 0, name: 'UTC', 'in-daylight-saving-time': false }),
  'utc-offset': () => 0,
};

export const monotonicClock: Factory = () => monotonic;
export const wallClock: Factory = () => wall;
export const timezoneClock: Factory = () => timezone;

function readyAt(mark: bigint): Pollable {
  if (mark <= monotonicNow()) return new Pollable(READY);
  const clock: Readiness = {
    get ready() {
      return monotonicNow() >= mark;
    },
    wait: (wake) => atMark(mark, wake),
  };
  return new Pollable(clock);
}
