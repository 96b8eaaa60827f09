import { deliveriesSuite } from './deliveries-suite.ts';
import { openNode } from './harness-node.ts';

deliveriesSuite(openNode);
