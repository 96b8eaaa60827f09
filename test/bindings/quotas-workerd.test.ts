import { openWorkerd } from '../conformance/harness-workerd.ts';
import { quotasSuite } from './quotas-suite.ts';

quotasSuite({ open: openWorkerd, buckets: false });
