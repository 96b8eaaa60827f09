import { openNode } from './harness-node.ts';
import { keptSuite } from './kept-suite.ts';

keptSuite(openNode);
