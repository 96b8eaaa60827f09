import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { debuglog } from 'node:util';
import { endWithParent, unwatched } from './runtime-process.ts';

/** The runtime, which is started anew whenever it ends. */
export interface Keeper {
  pid(): number | undefined;
  kill(signal: 'SIGKILL' | 'SIGTERM'): void;
  /** Ends it for good: with SIGTERM, and after so many ms with SIGKILL. `dispose` ends Miniflare. */
  stop(within: number, dispose: () => Promise<void>): Promise<void>;
}

export interface KeeperOptions {
  /** The runtime as Miniflare has started it. */
  readonly first: ChildProcess;
  /** What it got to read: its config. */
  readonly config: Uint8Array;
  /** It has ended. Says in how many ms another is to begin. */
  readonly ended: () => number;
  /** Another has begun, and does not listen yet. */
  readonly begun: () => void;
}

const debug = debuglog('brink');

/**
 * Keeps a runtime running that Miniflare has put together. Miniflare would start another itself, but puts everything together
 * again for that, which takes as long as the start of the runtime does. What it does when a runtime ends is put off until
 * `stop`, so it takes the first one to be there all the time.
 */
export function keepRuntime({ first, config, ended, begun }: KeeperOptions): Keeper {
  const theirs = first.listeners('exit') as ((code: number | null, signal: string | null) => void)[];
  first.removeAllListeners('exit');
  const stopping = new AbortController();
  let current = first;

  function watch(child: ChildProcess): void {
    child.once('exit', () => {
      if (!stopping.signal.aborted) void again();
    });
  }

  async function again(): Promise<void> {
    await wait(ended(), undefined, stopping).catch(() => {});
    if (stopping.signal.aborted) return;
    current = unwatched(() => startRuntime(first.spawnfile, first.spawnargs.slice(1), config));
    watch(current);
    begun();
  }

  watch(first);
  return {
    pid: () => (isAlive(current) ? current.pid : undefined),
    kill: (signal) => void current.kill(signal),
    async stop(within, dispose) {
      stopping.abort();
      await retire(current, within);
      // It waits for the end of the runtime, and must hear of its own before that.
      const disposed = dispose();
      for (const listener of theirs) listener(0, null);
      await disposed;
    },
  };
}

/** A runtime by its config, which ends with this process. */
export function startRuntime(file: string, args: readonly string[], config: Uint8Array): ChildProcess {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env: { ...process.env, TZ: 'UTC' } });
  // It may end at once.
  child.on('error', () => {});
  child.stdin!.on('error', () => {});
  child.stdin!.end(config);
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text) => debug('workerd: %s', String(text)));
  // Where it listens: that is known.
  (child.stdio[3] as NodeJS.ReadableStream).resume();
  endWithParent(child);
  return child;
}

export function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** With SIGTERM a runtime finishes what it runs; what is not done within so many ms is cut off. */
export async function retire(child: ChildProcess, within: number): Promise<void> {
  if (!isAlive(child)) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), within);
  await exit;
  clearTimeout(timer);
}
