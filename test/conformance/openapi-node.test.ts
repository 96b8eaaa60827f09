import { openNode } from './harness-node.ts';
import { openApiSuite } from './openapi-suite.ts';

openApiSuite(openNode);
