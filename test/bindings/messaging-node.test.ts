import { openNode } from '../conformance/harness-node.ts';
import { messagingSuite } from './messaging-suite.ts';

messagingSuite(openNode);
