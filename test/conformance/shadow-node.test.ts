import { openNode } from './harness-node.ts';
import { shadowSuite } from './shadow-suite.ts';

shadowSuite(openNode);
