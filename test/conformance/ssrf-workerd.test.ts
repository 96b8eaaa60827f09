import { openWorkerd } from './harness-workerd.ts';
import { ssrfSuite } from './ssrf-suite.ts';

ssrfSuite('workerd', openWorkerd);
