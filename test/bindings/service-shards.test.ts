import { openSharded } from '../conformance/harness-workerd.ts';
import { serviceSuite } from './service-suite.ts';

serviceSuite(openSharded);
