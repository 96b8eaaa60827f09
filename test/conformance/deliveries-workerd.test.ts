import { deliveriesSuite } from './deliveries-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

deliveriesSuite(openWorkerd);
