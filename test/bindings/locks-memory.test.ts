import { createMemoryStore } from '../../host/stores/memory.ts';
import { locksOn, playOn } from './locks.ts';
import { locksSuite } from './locks-suite.ts';

locksSuite('memory', async () => ({ play: playOn(locksOn({ store: createMemoryStore(Date.now) })), close() {} }));
