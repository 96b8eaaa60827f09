import { openWorkerd } from '../conformance/harness-workerd.ts';
import { messagingSuite } from './messaging-suite.ts';

messagingSuite(openWorkerd);
