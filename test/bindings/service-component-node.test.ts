import { openNode } from '../conformance/harness-node.ts';
import { serviceComponentSuite } from './service-component-suite.ts';

serviceComponentSuite(openNode);
