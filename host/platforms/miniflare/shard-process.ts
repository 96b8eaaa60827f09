import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { BrinkError } from '../../errors.ts';
import type { HostEvent } from '../../observe/events.ts';
import type { Supervision } from '../running.ts';
import { createBackOff } from './back-off.ts';
import { unavailable } from './gate.ts';
import { isAlive, retire, startRuntime } from './keeper.ts';
import { memoryOf } from './memory.ts';
import { activityOf, unwatched } from './runtime-process.ts';
import type { ShardSocket } from './shard-socket.ts';
import { answers, ASK, crashed, GRACE, LOOK, lostBy, megabytes, notice, PATIENCE, type EndReason } from './runtime-end.ts';
import { supervise } from './supervisor.ts';

/** A process that runs functions, and is started anew whenever it ends. */
export interface ShardProcess {
  /**
   * What is said to those whose call has no answer.
   *
   * @param since when it began, in milliseconds since the epoch
   * @returns null where the process has not ended since then
   */
  lost(since: number): Promise<BrinkError | null>;
  stop(within: number): Promise<void>;
}

export interface ShardProcessOptions extends Omit<Supervision, 'workers'> {
  /** As people know it: `Worker 2 of 3`. */
  readonly name: string;
  readonly socket: ShardSocket;
  /** The runtime's executable. */
  readonly file: string;
  readonly config: (path: string) => Uint8Array;
  readonly emit: (event: HostEvent) => void;
}

interface Live {
  readonly child: ChildProcess;
  /** Where it listens. */
  readonly path: string;
}

/** The end of a process is known here so many ms after others have noticed, at most. */
const NOTICED = 100;
const ARGS = ['serve', '--binary', '--experimental', '-'];

/** Starts it; who calls before it listens waits. */
export function keepShard({
  name,
  socket,
  file,
  config,
  emit,
  patience = PATIENCE,
  maxMemory = Infinity,
}: ShardProcessOptions): ShardProcess {
  const stopping = new AbortController();
  const backOff = createBackOff();
  const processes = new Set<ChildProcess>();
  let live: Live | null = null;
  let last: { readonly time: number; readonly reason: EndReason } | null = null;
  let until = 0;
  let count = 0;

  /** @returns null where it has ended before it listened */
  async function begin(): Promise<Live | null> {
    const path = `${socket.path}.${++count}`;
    const child = unwatched(() => startRuntime(file, ARGS, config(path)));
    processes.add(child);
    child.once('exit', () => {
      processes.delete(child);
      rmSync(path, { force: true });
      if (live?.child === child) gone('crashed');
    });
    while (isAlive(child)) {
      if (await answers({ socketPath: path })) return { child, path };
      await wait(ASK);
    }
    return null;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && live === null) {
      const begun = await begin();
      if (begun !== null) return take(begun);
      await pause();
    }
  }

  function take(begun: Live): void {
    if (stopping.signal.aborted) return;
    if (!isAlive(begun.child)) return void pause().then(run);
    live = begun;
    backOff.begun();
    socket.lead(begun.path);
    supervisor.resume();
  }

  async function pause(): Promise<void> {
    if (stopping.signal.aborted) return;
    const time = backOff.ended(false);
    until = Date.now() + time;
    socket.hold(until);
    await wait(time, undefined, stopping).catch(() => {});
  }

  function gone(reason: EndReason): void {
    if (live === null || stopping.signal.aborted) return;
    const { child } = live;
    live = null;
    last = { time: Date.now(), reason };
    supervisor.pause();
    emit(
      crashed(
        `${name} ${reason === 'hung' ? `gave no answer for ${patience} ms, as when a function never returns` : 'ended'}: it is started anew.`,
      ),
    );
    void pause().then(run);
    child.kill('SIGKILL');
  }

  const supervisor = supervise({
    where: { socketPath: socket.path },
    patience,
    activity: () => activityOf(live?.child.pid),
    hung: () => gone('hung'),
  });

  const looking = maxMemory === Infinity ? undefined : setInterval(() => void look(), LOOK).unref();
  let replacing = false;
  async function look(): Promise<void> {
    const old = live;
    const bytes = memoryOf(old?.child.pid);
    if (old === null || bytes === null || bytes <= maxMemory || replacing) return;
    replacing = true;
    emit(
      notice(
        `${name} uses ${megabytes(bytes)} MB, more than ${megabytes(maxMemory)}: another takes its place, and it ends when what it runs has ended.`,
      ),
    );
    const next = await begin();
    // Meanwhile it may have hung or crashed.
    if (next !== null && live === old) take(next);
    else next?.child.kill('SIGKILL');
    if (live !== old) await retire(old.child, GRACE);
    replacing = false;
  }

  void run();
  return {
    async lost(since) {
      for (const end = Date.now() + NOTICED; ; await wait(ASK)) {
        if (last !== null && last.time >= since) return lostBy(last.reason, patience, name);
        if (live === null) return unavailable(until, name);
        if (Date.now() >= end) return null;
      }
    },
    async stop(within) {
      stopping.abort();
      clearInterval(looking);
      supervisor.stop();
      await Promise.all([...processes].map((child) => retire(child, within)));
      socket.close();
    },
  };
}
