import { componentSuite } from './component-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

componentSuite(openWorkerd);
