import type { Engine, HandlerName } from '../../dispatch/cell.ts';
import type { Services } from '../../dispatch/services.ts';
import type { Artifact } from '../../registry/artifact.ts';
import { Rates } from '../../bindings/rates.ts';
import { HostCaches } from './caches.ts';
import type { NodeEngineOptions } from './cell-options.ts';
import { NodeCell } from './cell.ts';
import { startThread } from './thread.ts';

/** Cells that are worker threads: they keep faults to themselves, but they are no boundary against hostile JavaScript. */
export function createNodeEngine(given: Omit<NodeEngineOptions, 'services'>): Engine {
  let services: Services | undefined;
  const options: NodeEngineOptions = { ...given, services: () => services! };
  const cells = new Set<NodeCell>();
  /** Threads of cells that have crashed, on their way out. */
  const ending = new Set<Promise<unknown>>();
  const caches = new HostCaches(given.now);
  const rates = new Rates(given.now);
  return {
    name: 'node',
    cell(version) {
      const cell: NodeCell = new NodeCell(version, { ...options, caches, rates }, (ended) => {
        cells.delete(cell);
        ending.add(ended);
        void ended.finally(() => ending.delete(ended));
      });
      cells.add(cell);
      return cell;
    },
    probe: (artifact, secrets = {}) => probe(artifact, { ...options, secrets }),
    serve(what) {
      services = what;
    },
    async stop() {
      await Promise.all([...cells].map((cell) => cell.stop()));
      await Promise.all(ending);
    },
  };
}

export interface ProbeOptions extends Pick<NodeEngineOptions, 'startupTimeout' | 'ahead'> {
  /** Beside the vars in `env`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Loads an artifact once, and names its handlers. @throws {BrinkError} as `Engine.probe` does */
export async function probe(artifact: Artifact, { startupTimeout, ahead, secrets }: ProbeOptions): Promise<readonly HandlerName[]> {
  const thread = await startThread({ artifact, secrets, version: 0, startupTimeout, ahead, receive: () => {}, ended: () => {} });
  await thread.terminate();
  return thread.handlers;
}
