import { openNode } from './harness-node.ts';
import { meteringSuite } from './metering-suite.ts';

meteringSuite(openNode);
