import { componentHostileSuite } from './component-hostile-suite.ts';
import { openNode } from './harness-node.ts';

componentHostileSuite(openNode);
