import { openNode } from './harness-node.ts';
import { releaseSuite } from './release-suite.ts';

releaseSuite(openNode);
