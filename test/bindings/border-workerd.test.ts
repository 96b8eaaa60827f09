import { openWorkerd } from '../conformance/harness-workerd.ts';
import { borderSuite } from './border-suite.ts';

borderSuite(openWorkerd);
