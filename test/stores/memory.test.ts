import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';
import { blobsSuite } from './blobs-suite.ts';
import { manualClock } from './clock.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('memory', async () => {
  const clock = manualClock();
  return { store: createMemoryStore(clock.now), clock, close() {}, reopen: null };
});

blobsSuite('memory', async () => ({ blobs: createMemoryBlobs(), close() {} }));
