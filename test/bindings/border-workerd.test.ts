import { openWorkerd } from '../conformance/harness-workerd.ts';
import { borderSuite } from './border-suite.ts';
import { keptSuite } from './kept-suite.ts';

borderSuite(openWorkerd);
keptSuite(openWorkerd);
