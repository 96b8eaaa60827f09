import { openNode } from './harness-node.ts';
import { poolSuite } from './pool-suite.ts';

poolSuite('node', openNode);
