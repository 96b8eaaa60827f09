import { componentSuite } from './component-suite.ts';
import { openNode } from './harness-node.ts';

componentSuite(openNode);
