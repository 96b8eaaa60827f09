import { parse } from '@bytecodealliance/jco';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Chunk, Hosts, Pending, Source } from '../../../host/component/host.ts';
import { prepareComponent, type Prepared } from '../../../host/component/prepare.ts';
import { Cancelled } from '../../../host/component/runtime/call.ts';
import { Instance } from '../../../host/component/runtime/instance.ts';
import { Trap } from '../../../host/component/trap.ts';
import { fuzz, fuzzRuns, fuzzTimeout } from '../fuzz.ts';
import { fakeWorld } from '../wasi/fake-world.ts';
import { hostileGuest, operations } from './hostile-guest.ts';
import { programOf } from './hostile-program.ts';

const RUNS = fuzzRuns(1_500);
const OVER = new Error('The run is over.');

describe.each([
  ['that can be suspended', true],
  ['that cannot be suspended', false],
])('hostile guests %s', (_, suspends) => {
  let prepared: Prepared;
  let modules: WebAssembly.Module[];
  const { caller, callee } = operations(suspends);
  beforeAll(async () => {
    prepared = prepareComponent(new Uint8Array(await parse(`(component ${hostileGuest(suspends)})`)), () => false);
    modules = prepared.modules.map((module) => new WebAssembly.Module(module));
  });

  it('end, wait or trap, and the host goes on', { timeout: fuzzTimeout(RUNS) }, async () => {
    const uncaught: unknown[] = [];
    const listen = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', listen).on('unhandledRejection', listen);
    const ends: Record<string, number> = {};
    try {
      await fuzz(RUNS, async (random) => {
        const instance = new Instance(prepared.plan, modules, () => ({ hosts: hostsOf(random), idle() {}, reset() {} }));
        await call(instance, 'load', programOf(caller, random));
        await call(instance, 'load-callee', programOf(callee, random));
        const end = await call(instance, 'run', sourceOf(random(4)));
        ends[end] = (ends[end] ?? 0) + 1;
        settle(instance);
        // Else the engine keeps the stacks of those that wait.
        instance.fail(OVER);
        await turn();
        expect(uncaught).toEqual([]);
      });
    } finally {
      process.off('uncaughtException', listen).off('unhandledRejection', listen);
    }
    if (RUNS >= 1000) expect(Object.keys(ends)).toEqual(expect.arrayContaining(['ended', 'trapped']));
  });
});

/** Calls an export; what does not come to an end within some turns of the event loop is cancelled. */
async function call(instance: Instance, name: string, argument: unknown): Promise<'ended' | 'trapped' | 'cancelled' | 'waits'> {
  let end: 'ended' | 'trapped' | 'cancelled' | 'waits' = 'waits';
  const site = instance.call({ interface: '', name }, [argument], {
    invocation: fakeWorld().invocation,
    returned: () => (end = 'ended'),
    failed(error) {
      if (error instanceof Cancelled) end = 'cancelled';
      else if (isTrap(error)) end = 'trapped';
      else if (error !== OVER) throw error;
    },
  });
  for (let turns = 0; end === 'waits' && turns < 3; turns += 1) await turn();
  if (end === 'waits') instance.cancel(site);
  await turn();
  return end;
}

/** An instance whose tasks have ended is as good as new, or says that it is not. */
function settle(instance: Instance): void {
  let idle = false;
  instance.whenIdle(() => (idle = true));
  if (!idle || instance.dead !== null) return;
  for (const component of instance.components) {
    expect([component.mayEnter, component.mayLeave, component.exclusive]).toEqual([true, true, null]);
  }
  instance.reset();
}

function isTrap(error: Error): boolean {
  return error instanceof Trap || error instanceof WebAssembly.RuntimeError || error.name === 'SuspendError';
}

function hostsOf(random: (below: number) => number): Hosts {
  const later = random(3);
  return {
    host: {
      sync: (text: string[]) => text.join(),
      async: (stream: Source, future: Pending<string>) => {
        if (later === 0) return stream;
        if (later === 1) future.cancel();
        return new Promise((done) =>
          future.read(
            () => done(stream),
            () => done(stream),
          ),
        );
      },
    },
  };
}

function sourceOf(chunks: number): Source {
  let left = chunks;
  return {
    read(done: (chunk: Chunk | null) => void) {
      left -= 1;
      const chunk = left < 0 ? null : new Uint8Array(8).fill(left);
      if (left % 2 === 0) done(chunk);
      else queueMicrotask(() => done(chunk));
    },
    cancel: () => undefined,
  };
}

function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
