import { openWorkerd } from '../conformance/harness-workerd.ts';
import { componentLocksSuite } from './locks-component-suite.ts';
import { playIn } from './locks.ts';
import { lifeSuite } from './locks-life-suite.ts';
import { locksSuite } from './locks-suite.ts';

locksSuite('an isolate on workerd', () => playIn(openWorkerd));
lifeSuite(openWorkerd);
componentLocksSuite(openWorkerd);
