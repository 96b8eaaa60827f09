import { openNode } from '../conformance/harness-node.ts';
import { bucketEventsSuite } from './bucket-events-suite.ts';

bucketEventsSuite(openNode);
