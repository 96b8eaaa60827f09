import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import { manualClock } from './clock.ts';
import { queueSuite } from './queue-suite.ts';

queueSuite(() => {
  const clock = manualClock();
  return { queue: createMemoryQueue(clock.now), clock };
});
