import { gatewaySuite } from './gateway-suite.ts';
import { openNode } from './harness-node.ts';

gatewaySuite(openNode);
