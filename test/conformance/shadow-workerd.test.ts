import { openWorkerd } from './harness-workerd.ts';
import { shadowSuite } from './shadow-suite.ts';

shadowSuite(openWorkerd);
