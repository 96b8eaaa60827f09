import { openNode } from '../conformance/harness-node.ts';
import { borderSuite } from './border-suite.ts';
import { keptSuite } from './kept-suite.ts';

borderSuite(openNode);
keptSuite(openNode);
