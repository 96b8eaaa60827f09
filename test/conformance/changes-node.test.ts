import { changesSuite } from './changes-suite.ts';
import { openNode } from './harness-node.ts';

changesSuite(openNode);
