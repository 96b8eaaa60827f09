import { componentEmailSuite } from './component-email-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

componentEmailSuite(openWorkerd);
