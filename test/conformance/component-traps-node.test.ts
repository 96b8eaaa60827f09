import { componentTrapsSuite } from './component-traps-suite.ts';
import { openNode } from './harness-node.ts';

componentTrapsSuite(openNode);
