import { createMemoryStore } from '../../host/stores/memory.ts';
import { schedulesClockSuite } from './schedules-clock-suite.ts';
import { schedulesOn } from './schedules-on.ts';
import { schedulesSuite } from './schedules-suite.ts';

const open = (now: () => number) => ({ store: createMemoryStore(now), close() {} });

schedulesSuite('memory', async () => schedulesOn(open));
schedulesClockSuite('memory', open);
