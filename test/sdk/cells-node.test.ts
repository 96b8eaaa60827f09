import { openNode } from '../conformance/harness-node.ts';
import { cachedCellsSuite } from './cells-suite.ts';

cachedCellsSuite(openNode);
