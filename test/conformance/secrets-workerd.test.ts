import { openWorkerd } from './harness-workerd.ts';
import { secretsSuite } from './secrets-suite.ts';

secretsSuite(openWorkerd);
