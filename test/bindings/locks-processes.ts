import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Store } from '../../host/stores/store.ts';
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
  close(): void | Promise<void>;
}

/** Locks of hosts in processes of their own that share a store. */
export function locksOfProcesses(open: () => Promise<SharedStore>): void {
  it(
    'of hosts that are killed and stopped for longer than a lease, one holds the lock at a time, and no count is lost',
    { timeout: 60_000 },
    async () => {
      const { store, args, close } = await open();
      const turns = new Map<string, Turn>();
      const writes: { fence: number; value: number }[] = [];
      const refused: string[] = [];
      const children = ['one', 'two', 'three'].map((name) => start(name));
      try {
        await wait(700);
        stop(children[0]!, 'SIGKILL');
        await wait(1_500);
        stop(children[1]!, 'SIGSTOP');
        await wait(TTL * 2);
        children[1]!.process.kill('SIGCONT');
        await wait(800);
        stop(children[1]!, 'SIGKILL');
        stop(children[2]!, 'SIGKILL');
        await Promise.all(children.map(({ closed }) => closed));
        // What was on its way from them is in the store by now.
        const count = Number(await namespaceOn(store, Date.now).get('count'));
        expect(checkHistory(historyOf(turns), lockModel)).toEqual({ linearizable: true });
        const told = writes.toSorted((a, b) => a.value - b.value);
        expect(told.length).toBeGreaterThan(20);
        expect(new Set(told.map(({ value }) => value)).size).toBe(told.length);
        expect(told.every(({ fence }, index) => index === 0 || fence > told[index - 1]!.fence)).toBe(true);
        expect(count).toBeGreaterThanOrEqual(told.at(-1)!.value);
        // Each of the three may have died between a write and its word.
        expect(count).toBeLessThanOrEqual(told.length + 3);
        expect(refused.every((code) => code === 'fenced' || code === 'conflict')).toBe(true);
      } finally {
        for (const child of children) child.process.kill('SIGKILL');
        await close();
      }

      function start(name: string): { name: string; process: ChildProcess; closed: Promise<unknown> } {
        const child = fork(CHILD, [name, ...args], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
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
        else if (message.tell !== 'asks') turn[message.tell] = message.at;
        return undefined;
      }

      /** What it had at some moment before, it may lose. */
      function stop({ name, process: child }: { name: string; process: ChildProcess }, signal: NodeJS.Signals): void {
        child.kill(signal);
        for (const [id, turn] of turns) if (id.startsWith(`${name}/`) && turn.released === undefined) turn.doubtful ??= 0;
      }
    },
  );
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
