import { openNode } from '../conformance/harness-node.ts';
import { linearCellsSuite } from './linear-cells-suite.ts';

linearCellsSuite('cells on Node', openNode, { endsCells: true });
