import { openWorkerd } from '../conformance/harness-workerd.ts';
import { linearCellsSuite } from './linear-cells-suite.ts';

linearCellsSuite('isolates on workerd', openWorkerd, { endsCells: false });
