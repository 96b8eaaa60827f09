import { openNode } from '../conformance/harness-node.ts';
import { componentLocksSuite } from './locks-component-suite.ts';
import { playIn } from './locks.ts';
import { lifeSuite } from './locks-life-suite.ts';
import { locksSuite } from './locks-suite.ts';

locksSuite('a cell on Node', () => playIn(openNode));
lifeSuite(openNode);
componentLocksSuite(openNode);
