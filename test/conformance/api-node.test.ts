import { apiSuite } from './api-suite.ts';
import { openNode } from './harness-node.ts';

apiSuite(openNode);
