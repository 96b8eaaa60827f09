import { cloudsSuite } from './clouds-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

cloudsSuite(openWorkerd);
