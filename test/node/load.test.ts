import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { watchLoad } from '../../host/platforms/node/load.ts';

it('a process that did not get to its timers is overloaded, and soon no more', async () => {
  const load = watchLoad();
  expect(load.overloaded()).toBe(false);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);
  expect(load.overloaded()).toBe(true);
  await wait(1);
  expect(load.overloaded()).toBe(true);
  await expect.poll(() => load.overloaded()).toBe(false);
  load.stop();
});
