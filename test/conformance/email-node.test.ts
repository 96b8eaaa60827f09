import { emailSuite } from './email-suite.ts';
import { openNode } from './harness-node.ts';

emailSuite(openNode);
