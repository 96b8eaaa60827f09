import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../platforms/listen.ts';
import { usage } from './failure.ts';
import type { Output } from './output.ts';
import { SAME_SIGNAL, SIGNALS } from './session.ts';

export interface WorkersOptions {
  readonly count: number;
  readonly hostname: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly output: Output;
  /** Whether they speak TLS: SIGHUP then has them read their certificate again. */
  readonly tls: boolean;
}

/** What a worker tells the process that supervises it, once it listens. */
export interface Listening {
  readonly listening: string;
}

interface Process {
  readonly worker: Worker;
  /** The URL, or null where it ended before it listened. */
  readonly ready: Promise<string | null>;
  /** How it ended: its exit status, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

const MAX_WORKERS = 64;
/** Ms until a worker that ended begins anew: this at first, twice as long each time, at most the other. */
const FIRST_PAUSE = 100;
const MAX_PAUSE = 10_000;
/** One that lived so long, in ms, did not end for the reason of the one before. */
const LIVED = 30_000;

/** @throws {CliError} `usage` */
export function workersOf(flag: string): number {
  const count = Number(flag);
  if (/^\d{1,2}$/.test(flag) && count >= 1 && count <= MAX_WORKERS) return count;
  throw usage(`--workers ${JSON.stringify(flag)} is not a number from 1 to ${MAX_WORKERS}.`);
}

/**
 * Runs this command line in so many processes, which take their connections from one socket: what waits in it is lost with
 * none of them. One that ends is started anew, SIGUSR2 replaces them one after another, and other signals have all of them
 * drain.
 */
export async function superviseWorkers({ count, hostname, port, output, tls }: WorkersOptions): Promise<void> {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const stopping = new AbortController();
  const alive = new Set<Process>();
  // Which it is, has to be said before the first: later ones would each take another.
  const args = [...process.argv.slice(2), '--port', String(port === 0 ? await freePort(hostname) : port)];
  const begin = () => {
    const started = startWorker(output, args);
    alive.add(started);
    void started.ended.then(() => alive.delete(started));
    return started;
  };

  let failed = false;
  stopOnSignals({
    first() {
      stopping.abort();
      output.note('Stopping; what runs may finish. Again: at once.');
      for (const { worker } of alive) worker.process.kill('SIGTERM');
    },
    second: () => alive.forEach(({ worker }) => worker.process.kill('SIGKILL')),
  });
  if (tls) process.removeAllListeners('SIGHUP').on('SIGHUP', () => alive.forEach(({ worker }) => worker.process.kill('SIGHUP')));

  // The first one alone: it makes what is not there yet, and says whether it can be.
  const first = begin();
  const url = await first.ready;
  if (url === null) {
    const how = await first.ended;
    process.exitCode = typeof how === 'number' ? how : 1;
    return;
  }
  const slots = [{ running: first }];
  while (slots.length < count && !stopping.signal.aborted) slots.push({ running: begin() });
  await Promise.all(slots.map(({ running }) => running.ready));
  output.result({ listening: url, workers: count }, `Listening on ${url}, with ${count} workers`);

  async function keep(slot: { running: Process }, number: number): Promise<void> {
    for (let pause = FIRST_PAUSE, since = Date.now(); ;) {
      const { running } = slot;
      const how = await running.ended;
      // Another has taken its place.
      if (running !== slot.running) continue;
      if (stopping.signal.aborted) {
        if (how !== 0) failed = true;
        return;
      }
      if (Date.now() - since > LIVED) pause = FIRST_PAUSE;
      output.note(`Worker ${number} ended with ${how}; another begins in ${pause / 1000} s.`);
      await wait(pause, undefined, stopping).catch(() => {});
      if (stopping.signal.aborted) return;
      pause = Math.min(pause * 2, MAX_PAUSE);
      since = Date.now();
      slot.running = begin();
    }
  }

  let replacing = Promise.resolve();
  process.on('SIGUSR2', () => void (replacing = replacing.then(replaceAll)));
  async function replaceAll(): Promise<void> {
    for (const [index, slot] of slots.entries()) {
      if (stopping.signal.aborted) return;
      const next = begin();
      if ((await next.ready) === null) return output.note(`Worker ${index + 1} was not replaced: the new one did not start.`);
      const before = slot.running;
      slot.running = next;
      before.worker.process.kill('SIGTERM');
      await before.ended;
    }
    output.note(`${count} workers have been replaced.`);
  }

  await Promise.all(slots.map((slot, index) => keep(slot, index + 1)));
  await replacing;
  await Promise.all([...alive].map(({ ended }) => ended));
  if (failed) process.exitCode = 1;
}

function startWorker(output: Output, args: readonly string[]): Process {
  cluster.setupPrimary({ exec: process.argv[1]!, args: [...args], silent: true });
  const worker = cluster.fork();
  forwardLines(worker.process.stdout!, output.raw);
  forwardLines(worker.process.stderr!, (text) => process.stderr.write(text));
  const ended = once(worker, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  const listening = once(worker, 'message').then(([message]) => (message as Listening).listening);
  // Whoever does not wait for it any more is told by its end.
  const ready = Promise.race([listening, ended.then(() => null)]).catch(() => null);
  return { worker, ready, ended };
}

/** Lines of several processes keep whole. */
function forwardLines(from: NodeJS.ReadableStream, write: (text: string) => void): void {
  let rest = '';
  from.setEncoding('utf8').on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) return void (rest += text);
    write(rest + text.slice(0, end));
    rest = text.slice(end);
  });
  from.on('end', () => rest !== '' && write(`${rest}\n`));
}

function stopOnSignals({ first, second }: { first(): void; second(): void }): void {
  let since: number | null = null;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (since === null) {
        since = Date.now();
        first();
      } else if (Date.now() - since > SAME_SIGNAL) {
        second();
        process.exit(1);
      }
    });
  }
}
