import { componentInterfacesSuite } from './component-interfaces-suite.ts';
import { openNode } from './harness-node.ts';

componentInterfacesSuite(openNode);
