import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import type { HostEvent } from '../../observe/events.ts';
import { createDoor } from '../door.ts';
import { listen, type Address } from '../listen.ts';
import type { Supervision } from '../running.ts';
import { createBackOff } from './back-off.ts';
import { createRuntimeFront } from './front.ts';
import { createGate } from './gate.ts';
import { keepRuntime } from './keeper.ts';
import { memoryOf } from './memory.ts';
import { answers, ASK, crashed, GRACE, LOOK, lostBy, megabytes, notice, PATIENCE, type EndReason } from './runtime-end.ts';
import { activityOf } from './runtime-process.ts';
import type { Shards } from './shards.ts';
import { supervise } from './supervisor.ts';

export interface SupervisedOptions extends Supervision {
  readonly address: Address;
  /** The port of this machine at which the runtime listens. */
  readonly port: number;
  readonly first: ChildProcess;
  readonly config: Uint8Array;
  readonly emit: (event: HostEvent) => void;
  /** Ends what is connected to the runtime, which would wait for that. */
  readonly shards: Pick<Shards, 'hostEnded' | 'stop'> | null;
}

/** A runtime that clients reach through this process. */
export interface Supervised {
  readonly url: string;
  /** Lets what runs finish for so many ms, and ends the runtime. Gives whether nothing was cut off. */
  stop(timeout: number, dispose: () => Promise<void>): Promise<boolean>;
}

/**
 * The front, the runtime behind it, and what ends that: a function that never returns, memory, a crash. Clients notice by
 * the answers of what it had; all others wait until the next one is there.
 */
export async function superviseRuntime(options: SupervisedOptions): Promise<Supervised> {
  const { address, port, first, config, emit, shards, patience = PATIENCE, maxMemory = Infinity } = options;
  const gate = createGate();
  const health = { host: '127.0.0.1', port, path: '/_brink/health' };
  let draining = false;
  let reason: EndReason = 'crashed';
  const backOff = createBackOff();
  const front = createRuntimeFront({ port, gate, draining: () => draining, lost: () => lostBy(reason, patience) });
  const door = createDoor(front.server, front.upgraded);

  const keeper = keepRuntime({
    first,
    config,
    ended() {
      supervisor.pause();
      front.reset();
      shards?.hostEnded();
      if (reason === 'crashed') emit(crashed('The runtime ended: it is started anew.'));
      const pause = backOff.ended(reason === 'large');
      gate.close(Date.now() + pause);
      return pause;
    },
    begun: () => void opened(),
  });

  async function opened(): Promise<void> {
    backOff.begun();
    const pid = keeper.pid();
    while (!(await answers(health))) {
      await wait(ASK);
      // It has ended again, and this is said of the next one.
      if (keeper.pid() !== pid) return;
    }
    reason = 'crashed';
    gate.open();
    supervisor.resume();
  }

  const supervisor = supervise({
    where: health,
    patience,
    activity: () => activityOf(keeper.pid()),
    hung() {
      reason = 'hung';
      emit(crashed(`The runtime gave no answer for ${patience} ms, as when a function never returns: it is started anew.`));
      // Who hears of it by the answer to another request, and comes again, waits for the next one.
      gate.close();
      keeper.kill('SIGKILL');
    },
  });

  const looking = maxMemory === Infinity ? undefined : setInterval(() => void look(), LOOK).unref();
  let replacing = false;
  async function look(): Promise<void> {
    const bytes = memoryOf(keeper.pid());
    if (bytes === null || bytes <= maxMemory || replacing || !gate.isOpen) return;
    replacing = true;
    emit(
      notice(`The runtime uses ${megabytes(bytes)} MB, more than ${megabytes(maxMemory)}: it is started anew when what it runs has ended.`),
    );
    const pid = keeper.pid();
    gate.close();
    for (const end = Date.now() + GRACE; front.underWay() > 0 && Date.now() < end;) await wait(ASK);
    // Meanwhile it may have hung or crashed.
    if (keeper.pid() === pid && reason === 'crashed') {
      reason = 'large';
      supervisor.pause();
      keeper.kill('SIGTERM');
      for (const end = Date.now() + GRACE; keeper.pid() === pid && Date.now() < end;) await wait(ASK);
      if (keeper.pid() === pid) keeper.kill('SIGKILL');
    }
    replacing = false;
  }

  gate.open();
  const url = await listen(front.server, address);
  return {
    url,
    async stop(timeout, dispose) {
      draining = true;
      clearInterval(looking);
      const begun = Date.now();
      const time = new AbortController();
      const closed = door.close();
      const clean = await Promise.race([closed.then(() => true), wait(timeout, false, time)]);
      time.abort();
      if (!clean) {
        const { requests, webSockets } = door.underWay();
        emit(notice(`Stopping took more than ${timeout / 1000} s. Cut off: ${requests} requests, ${webSockets} WebSockets.`));
        door.cut();
      }
      supervisor.stop();
      await shards?.stop();
      await keeper.stop(Math.max(0, timeout - (Date.now() - begun)), dispose);
      front.reset();
      return clean;
    },
  };
}
