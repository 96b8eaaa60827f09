import { componentBucketsSuite } from './component-buckets-suite.ts';
import { openNode } from './harness-node.ts';

componentBucketsSuite(openNode);
