import { cellSuites } from './cells.ts';
import { openNode } from './harness-node.ts';

cellSuites('node', openNode);
