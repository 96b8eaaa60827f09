import { openWorkerd } from './harness-workerd.ts';
import { poolSuite } from './pool-suite.ts';

poolSuite('workerd', openWorkerd);
