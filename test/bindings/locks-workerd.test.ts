import { openWorkerd } from '../conformance/harness-workerd.ts';
import { playIn } from './locks.ts';
import { lifeSuite } from './locks-life-suite.ts';
import { locksSuite } from './locks-suite.ts';

locksSuite('an isolate on workerd', () => playIn(openWorkerd));
lifeSuite(openWorkerd);
