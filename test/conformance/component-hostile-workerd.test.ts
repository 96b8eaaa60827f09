import { componentHostileSuite } from './component-hostile-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

componentHostileSuite(openWorkerd);
