import { apiSuite } from './api-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

apiSuite(openWorkerd);
