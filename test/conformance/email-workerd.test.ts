import { emailSuite } from './email-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

emailSuite(openWorkerd);
