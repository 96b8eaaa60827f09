import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNode } from '../conformance/harness-node.ts';
import { openOn } from './queue.ts';
import { queueApiSuite } from './queue-suite.ts';
import { removeFolder } from '../remove-folder.ts';

queueApiSuite('in a cell on Node, in memory', { open: () => openOn(openNode) });

queueApiSuite('in a cell on Node, in SQLite', {
  async open() {
    const state = mkdtempSync(join(tmpdir(), 'brink-queues-'));
    const { url, close } = await openOn(() => openNode({ state }));
    return {
      url,
      async close() {
        await close();
        removeFolder(state);
      },
    };
  },
});
