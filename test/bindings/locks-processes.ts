import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Store } from '../../host/stores/store.ts';
import { eventually } from '../conformance/harness.ts';
import { checkHistory, type Operation } from '../linearizable.ts';
import { lockModel, type LockInput } from './lock-model.ts';
import { namespaceOn } from './kv.ts';
import type { FromChild } from './locks-process-child.ts';

const CHILD = fileURLToPath(new URL('locks-process-child.ts', import.meta.url));
const TTL = 1_000;

interface Turn {
  asked: number;
  has?: { at: number; fence: number };
  releases?: number;
  released?: number;
  /** From when on its lease may have ended without its knowing. */
  doubtful?: number;
}

export interface SharedStore {
  readonly store: Store;
  /** Where children find it: nothing, or the URL of NATS and a prefix. */
  readonly args: readonly string[];
  readonly faults?: readonly StoreFault[];
  close(): void | Promise<void>;
}

/** What can fail of the store, for longer than a lease. */
export interface StoreFault {
  /** Where the one child finds it that does not reach it then; not there where none does. */
  readonly args?: readonly string[];
  breaks(): unknown;
  mend(): unknown;
}

/** Locks of hosts in processes of their own that share a store. */
export function locksOfProcesses(
  open: () => Promise<SharedStore>,
  title = 'of hosts that are killed and stopped for longer than a lease',
): void {
  it(`${title}, one holds the lock at a time, and no count is lost`, { timeout: 90_000 }, async () => {
    const { store, args, faults = [], close } = await open();
    const turns = new Map<string, Turn>();
    const writes: { fence: number; value: number }[] = [];
    const refused: string[] = [];
    const children = ['one', 'two', 'three'].map((name) => start(name, args));
    const apart = faults.flatMap(({ args: own }) => (own === undefined ? [] : [start('apart', own)]));
    try {
      const has = (name: string) => [...turns].some(([id, turn]) => id.startsWith(`${name}/`) && turn.has !== undefined);
      await eventually(() => [...children, ...apart].every(({ name }) => has(name)) || undefined, 20_000);
      const more = (count: number) => {
        const so = writes.length;
        return eventually(() => writes.length >= so + count || undefined, 20_000);
      };
      await more(8);
      stop(children[0]!, 'SIGKILL');
      await more(8);
      stop(children[1]!, 'SIGSTOP');
      await wait(TTL * 2);
      children[1]!.process.kill('SIGCONT');
      await more(8);
      for (const { args: own, breaks, mend } of faults) {
        await breaks();
        for (const child of own === undefined ? [...children, ...apart] : apart) doubt(child.name);
        await wait(TTL * 1.5);
        await mend();
        await more(5);
      }
      stop(children[1]!, 'SIGKILL');
      stop(children[2]!, 'SIGKILL');
      for (const child of apart) stop(child, 'SIGKILL');
      await Promise.all([...children, ...apart].map(({ closed }) => closed));
      // What was on its way from them is in the store by now.
      const count = Number(await namespaceOn(store, Date.now).get('count'));
      expect(checkHistory(historyOf(turns), lockModel)).toEqual({ linearizable: true });
      const told = writes.toSorted((a, b) => a.value - b.value);
      expect(told.length).toBeGreaterThan(20);
      expect(new Set(told.map(({ value }) => value)).size).toBe(told.length);
      expect(told.every(({ fence }, index) => index === 0 || fence > told[index - 1]!.fence)).toBe(true);
      expect(count).toBeGreaterThanOrEqual(told.at(-1)!.value);
      // Each of them may have died between a write and its word; and of one that was cut off from the store nobody knows.
      const unknown = refused.filter((code) => code === 'undefined').length;
      if (faults.length === 0) expect(unknown).toBe(0);
      expect(count).toBeLessThanOrEqual(told.length + 3 + apart.length + unknown);
      expect(refused.every((code) => ['fenced', 'conflict', 'undefined'].includes(code))).toBe(true);
    } finally {
      for (const child of [...children, ...apart]) child.process.kill('SIGKILL');
      await close();
    }

    function start(name: string, given: readonly string[]): { name: string; process: ChildProcess; closed: Promise<unknown> } {
      const child = fork(CHILD, [name, ...given], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      child.on('message', (message: FromChild) => void receive(child, message));
      return { name, process: child, closed: new Promise((resolve) => child.once('close', resolve)) };
    }

    async function receive(child: ChildProcess, message: FromChild): Promise<void> {
      if ('call' in message) {
        const { call, method, args } = message;
        const result = await (store[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
        if (child.connected) child.send({ call, result });
        return;
      }
      if (message.tell === 'wrote') return void writes.push(message);
      if (message.tell === 'refused') return void refused.push(message.code);
      const turn = turns.get(message.id) ?? { asked: message.at };
      turns.set(message.id, turn);
      if (message.tell === 'has') turn.has = message;
      else if (message.tell === 'failed') turn.doubtful ??= 0;
      else if (message.tell !== 'asks') turn[message.tell] = message.at;
      return undefined;
    }

    /** What it had at some moment before, it may lose. */
    function stop({ name, process: child }: { name: string; process: ChildProcess }, signal: NodeJS.Signals): void {
      child.kill(signal);
      doubt(name);
    }

    /** As it may not be able to keep it. */
    function doubt(name: string): void {
      for (const [id, turn] of turns) if (id.startsWith(`${name}/`) && turn.released === undefined) turn.doubtful ??= 0;
    }
  });
}

function historyOf(turns: ReadonlyMap<string, Turn>): Operation<LockInput, number>[] {
  return [...turns].flatMap(([id, { asked, has, releases, released, doubtful }]) => {
    const end: LockInput = { do: 'end', id };
    const operations: Operation<LockInput, number>[] = [
      { input: { do: 'grant', id, mode: 'exclusive' }, output: has?.fence, called: asked, returned: has?.at ?? Infinity },
    ];
    if (releases !== undefined || doubtful !== undefined)
      operations.push({
        input: end,
        output: 0,
        called: doubtful === undefined ? releases! : asked,
        returned: doubtful === undefined ? (released ?? Infinity) : Infinity,
      });
    return operations;
  });
}
