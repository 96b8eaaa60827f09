import { componentAssetsSuite } from './component-assets-suite.ts';
import { openNode } from './harness-node.ts';

componentAssetsSuite(openNode);
