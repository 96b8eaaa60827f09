import { execFile, fork, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import type { Load } from './load.ts';

export interface Peer {
  readonly port: number;
  /** Of its admin API, where it has one. */
  readonly token: string | null;
  readonly pid: number;
  stop(): void;
}

// Whatever ends the bench: a server that is left behind takes from all that is measured later.
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill()));

/** Starts `peers/{name}.ts` in a process of its own; it sends `{ port }` when it listens. */
export function startPeer(name: string, ...args: readonly string[]): Promise<Peer> {
  const child: ChildProcess = fork(new URL(`./peers/${name}.ts`, import.meta.url).pathname, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  running.add(child.once('exit', () => running.delete(child)));
  return new Promise((resolve, reject) => {
    child.once('message', ({ port, token = null }: { port: number; token?: string | null }) =>
      resolve({ port, token, pid: child.pid!, stop: () => void child.kill() }),
    );
    child.once('exit', (code) => reject(new Error(`The peer ${name} ended with code ${code}.`)));
  });
}

/** Requests per second, measured from another process. */
export async function measure(load: Partial<Load> & Pick<Load, 'port'>): Promise<number> {
  const full: Load = { connections: 32, seconds: 1, method: 'GET', path: '/', body: 0, expect: 5, ...load };
  const { stdout } = await promisify(execFile)(process.execPath, [new URL('./load.ts', import.meta.url).pathname, JSON.stringify(full)]);
  return (JSON.parse(stdout) as { requestsPerSecond: number }).requestsPerSecond;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const ROUNDS = 7;

/** Each in turn, over and over, so that noise of the machine falls on all of them; the first rounds, `warmUp` of them, are not counted. */
export async function interleaved(runs: Record<string, () => Promise<number>>, warmUp = 1): Promise<Record<string, number[]>> {
  const results: Record<string, number[]> = {};
  for (let round = 1 - warmUp; round <= ROUNDS; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const rate = await run();
      if (round > 0) (results[name] ??= []).push(rate);
    }
  }
  return results;
}
