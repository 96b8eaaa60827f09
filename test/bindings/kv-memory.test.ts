import { createMemoryStore } from '../../host/stores/memory.ts';
import { manualClock } from '../stores/clock.ts';
import { kvOn } from './kv.ts';
import { kvSuite } from './kv-suite.ts';

kvSuite('memory', {
  clock: true,
  async open() {
    const clock = manualClock();
    return { kv: kvOn(createMemoryStore(clock.now), clock.now), clock, close() {} };
  },
});
