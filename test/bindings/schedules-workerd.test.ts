import { openWorkerd } from '../conformance/harness-workerd.ts';
import { schedulesHostSuite } from './schedules-host-suite.ts';
import { schedulesIn } from './schedules-on.ts';
import { schedulesSuite } from './schedules-suite.ts';

schedulesSuite('an isolate on workerd', async () => schedulesIn(await openWorkerd()));
schedulesHostSuite(openWorkerd);
