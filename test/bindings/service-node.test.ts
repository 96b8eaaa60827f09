import { openNode } from '../conformance/harness-node.ts';
import { serviceSuite } from './service-suite.ts';

serviceSuite(openNode);
