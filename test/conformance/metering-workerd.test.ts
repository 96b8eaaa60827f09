import { openWorkerd } from './harness-workerd.ts';
import { meteringSuite } from './metering-suite.ts';

meteringSuite(openWorkerd);
