import type { Engine } from '../../dispatch/cell.ts';
import { NodeCell, type NodeEngineOptions } from './cell.ts';
import { startThread } from './thread.ts';

/** Cells that are worker threads: they keep faults to themselves, but they are no boundary against hostile JavaScript. */
export function createNodeEngine(options: NodeEngineOptions): Engine {
  const cells = new Set<NodeCell>();
  return {
    name: 'node',
    cell(version) {
      const cell: NodeCell = new NodeCell(version, options, () => cells.delete(cell));
      cells.add(cell);
      return cell;
    },
    async probe(artifact, secrets = {}) {
      const { startupTimeout, heapLimit } = options;
      const thread = await startThread({ artifact, secrets, version: 0, startupTimeout, heapLimit, receive: () => {}, ended: () => {} });
      await thread.terminate();
      return thread.handlers;
    },
    async stop() {
      await Promise.all([...cells].map((cell) => cell.stop()));
    },
  };
}
