import { openNode } from '../conformance/harness-node.ts';
import { projectCases } from './cases.ts';

projectCases('node', openNode);
