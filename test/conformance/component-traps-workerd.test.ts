import { componentTrapsSuite } from './component-traps-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

componentTrapsSuite(openWorkerd);
