import { openWorkerd } from './harness-workerd.ts';
import { protocolsSuite } from './protocols-suite.ts';

protocolsSuite(openWorkerd);
