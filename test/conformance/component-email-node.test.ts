import { componentEmailSuite } from './component-email-suite.ts';
import { openNode } from './harness-node.ts';

componentEmailSuite(openNode);
