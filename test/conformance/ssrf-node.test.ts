import { openNode } from './harness-node.ts';
import { ssrfSuite } from './ssrf-suite.ts';

ssrfSuite('node', openNode);
