import { componentAssetsSuite } from './component-assets-suite.ts';
import { openWorkerd } from './harness-workerd.ts';

componentAssetsSuite(openWorkerd);
