import { openNode } from './harness-node.ts';
import { protocolsSuite } from './protocols-suite.ts';

protocolsSuite(openNode);
