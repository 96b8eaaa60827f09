import type { ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { BrinkError } from '../../errors.ts';
import type { HostEvent } from '../../observe/events.ts';
import { createDoor } from '../door.ts';
import { listen, type Address } from '../listen.ts';
import type { Supervision } from '../running.ts';
import { createRuntimeFront } from './front.ts';
import { createGate } from './gate.ts';
import { keepRuntime } from './keeper.ts';
import { memoryOf } from './memory.ts';
import { activityOf } from './runtime-process.ts';
import { supervise } from './supervisor.ts';

export interface SupervisedOptions extends Supervision {
  readonly address: Address;
  /** The port of this machine at which the runtime listens. */
  readonly port: number;
  readonly first: ChildProcess;
  readonly config: Uint8Array;
  readonly emit: (event: HostEvent) => void;
}

/** A runtime that clients reach through this process. */
export interface Supervised {
  readonly url: string;
  /** Lets what runs finish for so many ms, and ends the runtime. Gives whether nothing was cut off. */
  stop(timeout: number, dispose: () => Promise<void>): Promise<boolean>;
}

export const PATIENCE = 5_000;
/** How often its memory is looked at, in ms. */
const LOOK = 500;
/** Before a runtime that has grown too large is ended, what it runs may take so long, in ms. */
const GRACE = 5_000;
/** Ms until one that has ended is started anew: at once the first time, then this, and twice as long each time, at most the other. */
const PAUSE = 250;
const MAX_PAUSE = 30_000;
/** One that ran for so long, in ms, did not end for the reason of the one before. */
const RAN = 30_000;
/** How often it is asked whether it listens yet, in ms. */
const ASK = 3;

/**
 * The front, the runtime behind it, and what ends that: a function that never returns, memory, a crash. Clients notice by
 * the answers of what it had; all others wait until the next one is there.
 */
export async function superviseRuntime(options: SupervisedOptions): Promise<Supervised> {
  const { address, port, first, config, emit, patience = PATIENCE, maxMemory = Infinity } = options;
  const gate = createGate();
  const runtime = `http://127.0.0.1:${port}`;
  let draining = false;
  let reason: 'crashed' | 'hung' | 'large' = 'crashed';
  let crashes = 0;
  let since = Date.now();
  const front = createRuntimeFront({ port, gate, draining: () => draining, lost: () => lostBy(reason, patience) });
  const door = createDoor(front.server, front.upgraded);

  const keeper = keepRuntime({
    first,
    config,
    ended() {
      supervisor.pause();
      front.reset();
      if (reason === 'crashed') emit(crashed('The runtime ended: it is started anew.'));
      crashes = reason === 'large' || Date.now() - since > RAN ? 0 : crashes + 1;
      const pause = crashes <= 1 ? 0 : Math.min(PAUSE * 2 ** (crashes - 2), MAX_PAUSE);
      gate.close(Date.now() + pause);
      return pause;
    },
    begun: () => void opened(),
  });

  async function opened(): Promise<void> {
    since = Date.now();
    const pid = keeper.pid();
    while (!(await answers(runtime))) {
      await wait(ASK);
      // It has ended again, and this is said of the next one.
      if (keeper.pid() !== pid) return;
    }
    reason = 'crashed';
    gate.open();
    supervisor.resume();
  }

  const supervisor = supervise({
    url: `${runtime}/_brink/health`,
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
      await keeper.stop(Math.max(0, timeout - (Date.now() - begun)), dispose);
      front.reset();
      return clean;
    },
  };
}

function lostBy(reason: 'crashed' | 'hung' | 'large', patience: number): BrinkError {
  if (reason === 'hung') {
    return new BrinkError(
      'cell-unresponsive',
      `The runtime was ended with what it ran, this too, since it gave no answer for ${patience} ms: a function did not return.`,
    );
  }
  return new BrinkError('cell-crashed', 'The runtime ended while it ran this.');
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(`${url}/_brink/health`, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

function crashed(reason: string): HostEvent {
  return { type: 'cell', time: Date.now(), function: '*', version: 0, change: 'crashed', reason };
}

function notice(message: string): HostEvent {
  return { type: 'host', time: Date.now(), function: '*', version: 0, level: 'warn', message };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
