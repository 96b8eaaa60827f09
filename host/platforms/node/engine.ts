import { DEFAULT_LIMITS, limitsOf } from '../../cell/limits.ts';
import type { Engine, HandlerName } from '../../dispatch/cell.ts';
import type { Services } from '../../dispatch/services.ts';
import type { Artifact } from '../../registry/artifact.ts';
import { Rates } from '../../bindings/rates.ts';
import { HostCaches } from './caches.ts';
import type { NodeCellOptions, NodeEngineOptions } from './cell-options.ts';
import { Blanks, startBlank } from './blanks.ts';
import { compile, CompiledModules } from './compiled.ts';
import { NodeCell } from './cell.ts';
import { startThread } from './thread.ts';

export interface NodeEngine extends Engine {
  /** How many invocations all cells have, `waitUntil` work included. */
  running(): number;
}

/** Cells that are worker threads: they keep faults to themselves, but they are no boundary against hostile JavaScript. */
export function createNodeEngine(given: Omit<NodeEngineOptions, 'services'>): NodeEngine {
  let services: Services | undefined;
  const options: NodeEngineOptions = { ...given, services: () => services! };
  const cells = new Set<NodeCell>();
  /** Threads of cells that have crashed, on their way out. */
  const ending = new Set<Promise<unknown>>();
  const caches = new HostCaches(given.now);
  const rates = new Rates(given.now);
  const compiled = new CompiledModules();
  const blanks = new Blanks({ size: given.blanks, memory: DEFAULT_LIMITS.memory_mb, ahead: given.ahead });
  return {
    name: 'node',
    scales: true,
    cell(version, cpu) {
      const own: NodeCellOptions = { ...options, caches, rates, threads: blanks, compiled, cpu: cpu && sinceLast(cpu) };
      const cell: NodeCell = new NodeCell(version, own, (ended) => {
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
    running: () => [...cells].reduce((sum, cell) => sum + cell.running, 0),
    async stop() {
      await Promise.all([blanks.stop(), ...[...cells].map((cell) => cell.stop())]);
      await Promise.all(ending);
    },
  };
}

/** Tells what has come on top, where what there is so far is known. */
function sinceLast(tell: (ms: number) => void): (total: number) => void {
  let told = 0;
  return (total) => {
    if (total <= told) return;
    tell(total - told);
    told = total;
  };
}

export interface ProbeOptions extends Pick<NodeEngineOptions, 'startupTimeout' | 'ahead' | 'network'> {
  /** Beside the vars in `env`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Loads an artifact once, and names its handlers. @throws {BrinkError} as `Engine.probe` does */
export async function probe(
  artifact: Artifact,
  { secrets, startupTimeout, ahead, network }: ProbeOptions,
): Promise<readonly HandlerName[]> {
  const worker = await startBlank({ memory: limitsOf(artifact.manifest).memory_mb, ahead });
  const options = { worker, artifact, compile, secrets, version: 0, startupTimeout, network };
  const thread = await startThread({ ...options, receive: () => {}, ended: () => {} });
  await thread.terminate();
  return thread.handlers;
}
