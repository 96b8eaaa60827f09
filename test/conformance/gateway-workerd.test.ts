import { gatewaySuite } from './gateway-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

gatewaySuite(openWorkerd);
