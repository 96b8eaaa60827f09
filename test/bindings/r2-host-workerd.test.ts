import { openWorkerd } from '../conformance/harness-workerd.ts';
import { r2HostSuite } from './r2-host-suite.ts';

r2HostSuite(openWorkerd);
