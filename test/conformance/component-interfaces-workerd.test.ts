import { componentInterfacesSuite } from './component-interfaces-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

componentInterfacesSuite(openWorkerd);
