import { openWorkerd } from './harness-workerd.ts';
import { keptSuite } from './kept-suite.ts';

keptSuite(openWorkerd);
