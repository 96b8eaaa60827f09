import { openNode } from '../conformance/harness-node.ts';
import { schedulesHostSuite } from './schedules-host-suite.ts';
import { schedulesIn } from './schedules-on.ts';
import { schedulesSuite } from './schedules-suite.ts';

schedulesSuite('a cell on Node', async () => schedulesIn(await openNode()));
schedulesHostSuite(openNode);
