import { badInputSuite } from './bad-input-suite.ts';
import { openNode } from './harness-node.ts';

badInputSuite(openNode);
