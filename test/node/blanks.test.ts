import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Blanks, startBlank } from '../../host/platforms/node/blanks.ts';
import { compile } from '../../host/platforms/node/compiled.ts';
import { heapOf } from '../../host/platforms/node/heap.ts';
import { startThread } from '../../host/platforms/node/thread.ts';
import { artifactOf } from '../conformance/harness.ts';

/** Of a cell, in MB. */
const HEAP = 64;

describe('Blanks', () => {
  const open: { stop(): Promise<unknown> }[] = [];
  afterEach(() => Promise.all(open.splice(0).map((each) => each.stop())));
  const opened = (size: number): Blanks => {
    const blanks = new Blanks({ size, memory: HEAP });
    open.push(blanks);
    return blanks;
  };
  const taken = async (blanks: Blanks, memory = HEAP): Promise<Worker> => {
    const worker = await blanks.take(memory);
    open.push({ stop: () => worker.terminate() });
    return worker;
  };
  const full = (blanks: Blanks, size: number) => vi.waitFor(() => expect(blanks.waiting).toBe(size), 20_000);

  it('keeps as many as it is told, and starts another for each that is taken', async () => {
    const blanks = opened(2);
    await full(blanks, 2);
    const [first, second] = [await taken(blanks), await taken(blanks)];
    expect(first.threadId).not.toBe(second.threadId);
    expect(blanks.waiting).toBe(0);
    await full(blanks, 2);
  });

  it('gives a function that may use more memory a thread of its own', async () => {
    const blanks = opened(1);
    await full(blanks, 1);
    const worker = await taken(blanks, 2 * HEAP);
    expect(worker.resourceLimits).toMatchObject(heapOf(2 * HEAP));
    expect(blanks.waiting).toBe(1);
    expect((await taken(blanks, HEAP / 2)).resourceLimits).toMatchObject(heapOf(HEAP));
    expect(blanks.waiting).toBe(0);
  });

  it('gives a new one where none waits', async () => {
    expect((await taken(opened(0))).resourceLimits).toMatchObject(heapOf(HEAP));
  });

  it('stops those that wait, and starts none after that', async () => {
    const blanks = opened(1);
    await full(blanks, 1);
    await taken(blanks);
    await blanks.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(blanks.waiting).toBe(0);
  });
});

describe('startThread()', () => {
  it('makes a cell of a blank, whose frames it sends on', async () => {
    const worker = await startBlank({ memory: HEAP });
    const thread = await startThread({
      worker,
      artifact: artifactOf('fn', { 'index.js': 'export default { fetch: () => new Response("hello"), queue() {} }' }),
      compile,
      secrets: {},
      version: 1,
      startupTimeout: 60_000,
      receive: () => {},
      ended: () => {},
    });
    expect(thread.handlers).toEqual(['fetch', 'queue']);
    await thread.terminate();
  });
});
