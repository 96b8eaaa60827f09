import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';
import { registrySuite } from './registry-suite.ts';

registrySuite('memory', async () => ({ store: createMemoryStore(Date.now), blobs: createMemoryBlobs(), close() {} }));
