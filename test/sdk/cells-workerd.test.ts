import { openWorkerd } from '../conformance/harness-workerd.ts';
import { cachedCellsSuite } from './cells-suite.ts';

cachedCellsSuite(openWorkerd);
