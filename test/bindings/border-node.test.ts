import { openNode } from '../conformance/harness-node.ts';
import { borderSuite } from './border-suite.ts';

borderSuite(openNode);
