import type { Engine, EngineOptions, HandlerName } from '../../dispatch/cell.ts';
import { BrinkError } from '../../errors.ts';
import { mapStack } from '../../observe/stack.ts';
import type { Artifact } from '../../registry/artifact.ts';
import { WorkerdCell, type CellEntrypoint } from './cell.ts';
import { workerCode } from './code.ts';
import type { EgressProps, LimitedNetwork } from './egress-entrypoint.ts';
import type { BindingProps, OwnerProps, ServiceProps } from './entrypoints.ts';
import type { SourceMaps } from './source-maps.ts';
import { startFailureOf } from './start-failure.ts';

export interface WorkerdEngineOptions extends EngineOptions {
  /** What makes the isolates of a function. */
  loaderOf(name: string): WorkerLoader;
  /** Makes the stubs that cells are given; called inside of requests only. */
  readonly stubs: Stubs;
  /** Where the host limits what functions reach; without it, the platform's network is the way out. */
  readonly network?: LimitedNetwork;
  readonly maps: SourceMaps;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The host Worker's own entrypoints (`exports` of `cloudflare:workers`). */
export interface Stubs {
  log(props: OwnerProps): unknown;
  cache(props: OwnerProps): unknown;
  egress(props: EgressProps): unknown;
  binding(props: BindingProps): unknown;
  service(props: ServiceProps): unknown;
}

/** Cells that are isolates of their own, made by the WorkerLoader binding: each a sandbox. */
export function createWorkerdEngine(options: WorkerdEngineOptions): Engine {
  const cells = new Set<WorkerdCell>();
  return {
    name: 'workerd',
    scales: false,
    cell(version) {
      const cell: WorkerdCell = new WorkerdCell(version, options, () => cells.delete(cell));
      cells.add(cell);
      return cell;
    },
    probe: (artifact, secrets = {}) => probe(artifact, secrets, options),
    // Their stubs lead to an entrypoint of the host Worker, which has its host.
    serve() {},
    async stop() {
      await Promise.all([...cells].map((cell) => cell.stop()));
    },
  };
}

async function probe(
  artifact: Artifact,
  secrets: Readonly<Record<string, string>>,
  { loaderOf, startupTimeout }: WorkerdEngineOptions,
): Promise<readonly HandlerName[]> {
  const { name } = artifact.manifest;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BrinkError('startup-timeout', `${name} did not start in ${startupTimeout} ms.`)), startupTimeout);
  });
  try {
    // No way out: what starts only to be looked at has nothing to say yet.
    const entrypoint = loaderOf(name)
      .load(workerCode(artifact, { secrets, outbound: null }))
      .getEntrypoint(undefined, { props: {} }) as CellEntrypoint;
    return [...(await Promise.race([entrypoint.brinkNames(), late]))];
  } catch (error) {
    if (error instanceof BrinkError) throw error;
    const { reason, unsettled } = startFailureOf(error);
    const stack = mapStack(reason, artifact.modules);
    if (unsettled) throw new BrinkError('startup-timeout', `${name} never starts: the top level of a module awaits what never comes.`);
    throw new BrinkError('startup-failed', `${name} could not start: ${oneLine(stack)}`, {
      details: { error: stack.split('\n')[0]!, stack },
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The message, and the first place of the stack in brackets. */
function oneLine(stack: string): string {
  const [message, ...rest] = stack.split('\n').map((line) => line.trim());
  const place = rest.join(' ').replace(/^at /, '');
  return place === '' ? message! : `${message} (${place.split(' at ')[0]})`;
}
