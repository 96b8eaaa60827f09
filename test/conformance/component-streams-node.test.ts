import { componentStreamsSuite } from './component-streams-suite.ts';
import { openNode } from './harness-node.ts';

componentStreamsSuite(openNode);
