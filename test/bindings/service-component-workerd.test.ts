import { openWorkerd } from '../conformance/harness-workerd.ts';
import { serviceComponentSuite } from './service-component-suite.ts';

serviceComponentSuite(openWorkerd);
