import { openNode } from './harness-node.ts';
import { secretsSuite } from './secrets-suite.ts';

secretsSuite(openNode);
