import { componentStreamsSuite } from './component-streams-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

componentStreamsSuite(openWorkerd);
