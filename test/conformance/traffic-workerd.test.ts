import { openWorkerd } from './harness-workerd.ts';
import { trafficSuite } from './traffic-suite.ts';

trafficSuite(openWorkerd);
