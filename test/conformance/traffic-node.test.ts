import { openNode } from './harness-node.ts';
import { trafficSuite } from './traffic-suite.ts';

trafficSuite(openNode);
