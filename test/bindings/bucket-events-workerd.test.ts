import { openWorkerd } from '../conformance/harness-workerd.ts';
import { bucketEventsSuite } from './bucket-events-suite.ts';

bucketEventsSuite(openWorkerd);
