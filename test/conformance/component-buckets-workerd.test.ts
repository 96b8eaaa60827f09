import { componentBucketsSuite } from './component-buckets-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

componentBucketsSuite(openWorkerd);
