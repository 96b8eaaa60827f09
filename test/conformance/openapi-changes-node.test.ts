import { openNode } from './harness-node.ts';
import { openApiChangesSuite } from './openapi-changes-suite.ts';

openApiChangesSuite(openNode);
