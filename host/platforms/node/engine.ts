import type { Engine, HandlerName } from '../../dispatch/cell.ts';
import type { Artifact } from '../../registry/artifact.ts';
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
    probe: (artifact) => probe(artifact, options),
    async stop() {
      await Promise.all([...cells].map((cell) => cell.stop()));
    },
  };
}

/** Loads an artifact once, and names its handlers. @throws {BrinkError} as `Engine.probe` does */
export async function probe(
  artifact: Artifact,
  { startupTimeout, heapLimit }: Pick<NodeEngineOptions, 'startupTimeout' | 'heapLimit'>,
): Promise<readonly HandlerName[]> {
  const thread = await startThread({ artifact, version: 0, startupTimeout, heapLimit, receive: () => {}, ended: () => {} });
  await thread.terminate();
  return thread.handlers;
}
