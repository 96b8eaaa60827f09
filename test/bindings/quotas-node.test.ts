import { openNode } from '../conformance/harness-node.ts';
import { quotasSuite } from './quotas-suite.ts';

quotasSuite({ open: openNode, buckets: true });
