import { openWorkerd } from './harness-workerd.ts';
import { releaseSuite } from './release-suite.ts';

releaseSuite(openWorkerd);
