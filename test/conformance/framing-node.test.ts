import { framingSuite } from './framing-suite.ts';
import { openNode } from './harness-node.ts';

framingSuite('node', openNode);
