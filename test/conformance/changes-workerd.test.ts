import { changesSuite } from './changes-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

changesSuite(openWorkerd);
