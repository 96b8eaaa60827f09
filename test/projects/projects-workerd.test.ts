import { openWorkerd } from '../conformance/harness-workerd.ts';
import { projectCases } from './cases.ts';

projectCases('workerd', openWorkerd);
