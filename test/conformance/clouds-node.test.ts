import { cloudsSuite } from './clouds-suite.ts';
import { openNode } from './harness-node.ts';

cloudsSuite(openNode);
