import { badInputSuite } from './bad-input-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

badInputSuite(openWorkerd);
