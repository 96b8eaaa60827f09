import { describe, expect, it } from 'vitest';
import type { LoadedVersion } from '../../../host/dispatch/cell.ts';
import type { HostEvent, NoticeEvent } from '../../../host/observe/events.ts';
import { LIMITS, settled, setup, version, type Bench, type Call } from './fake-cells.ts';

const limits = (cpu: Record<string, number>) => ({ ...LIMITS, cpu });

function batch(name: string, scaling: Record<string, unknown> = {}): LoadedVersion {
  return version(name, { name, scaling: { class: 'batch', ...scaling } });
}

const notices = (events: readonly HostEvent[]) =>
  events.filter((event): event is NoticeEvent => event.type === 'host').map(({ level, message }) => [level, message]);

/** A host whose class `batch` has used more than it has, by a second and a half. */
async function overdrawn(scaling: Record<string, unknown> = {}): Promise<Bench & { readonly first: LoadedVersion }> {
  const bench = setup({ limits: limits({ batch: 0.5 }) });
  const first = batch('a', scaling);
  bench.call(first);
  bench.cells[0]!.uses(2_000);
  bench.cells[0]!.answer();
  await settled();
  return { ...bench, first };
}

describe('Pool: CPU time of a class', () => {
  it('a call of a class that has used its own waits, others and those of functions that run do not', async () => {
    const { call, pass, first } = await overdrawn();
    const waits = call(first);
    const [other, nested] = [call(version('other', { name: 'other' })), call(batch('b'), { depth: 1 })];
    expect([waits.state, other.state, nested.state]).toEqual(['waiting', 'running', 'running']);
    pass(2_900);
    await settled();
    expect(waits.state).toBe('waiting');
    pass(150);
    await settled();
    expect(waits.state).toBe('running');
    // The call that lies inside of another was expected to need some.
    expect(waits.waited).toBe(3_050);
  });

  it('those who wait begin in the order in which they came, as far as there is CPU time', async () => {
    const { call, cells, pass, first } = await overdrawn();
    const calls = Array.from({ length: 20 }, () => call(first));
    const states = () => calls.map(({ state }) => state === 'running');
    pass(3_050);
    await settled();
    const begun = states().lastIndexOf(true) + 1;
    expect(begun).toBeGreaterThan(0);
    expect(begun).toBeLessThan(10);
    expect(states()).toEqual(calls.map((_, index) => index < begun));
    cells[0]!.uses(200);
    pass(100);
    await settled();
    expect(states().lastIndexOf(true) + 1).toBe(begun);
    pass(20_000);
    await settled();
    expect(calls.every(({ state }) => state !== 'waiting')).toBe(true);
  });

  it('a call that waits too long is refused with the budget, its class and limit, and when to come again', async () => {
    const { call, pass, first } = await overdrawn({ queue_ms: 500 });
    const refused = call(first);
    pass(500);
    await settled();
    expect(refused.error).toMatchObject({
      code: 'overloaded',
      status: 503,
      details: { function: 'a', budget: 'cpu', class: 'batch', limit: 0.5, retryAfter: 3 },
    });
    expect((refused.error as Error).message).toBe(
      'a@1 cannot take this call now: cells of the class "batch" have used the CPU time of their 0.5 cores, and it has waited for 500 ms. Try again in 3 s.',
    );
  });

  it('a line that is full takes no more', async () => {
    const { call, first } = await overdrawn({ queue: 2 });
    const calls = Array.from({ length: 3 }, () => call(first));
    await settled();
    expect(calls.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'failed']);
    expect(calls[2]!.error).toMatchObject({ details: { budget: 'cpu' } });
  });

  it('one notice says that a class is held back, and one that it is so no more', async () => {
    const { call, pass, events, first } = await overdrawn();
    for (let index = 0; index < 5; index++) call(first);
    pass(2_000);
    expect(notices(events)).toEqual([
      ['warn', 'Cells of the class "batch" have used the CPU time of their 0.5 cores: calls of its functions wait.'],
    ]);
    pass(10_000);
    expect(notices(events).slice(1)).toEqual([
      ['info', 'Cells of the class "batch" have CPU time again: calls of its functions begin at once; 5 had to wait.'],
    ]);
  });

  it('what waits for CPU time alone gets no more cells, and its first cell starts when it may begin', async () => {
    const { call, cells, pass, pool, first } = await overdrawn();
    const calls = [call(batch('b')), ...Array.from({ length: 200 }, () => call(first))];
    pass(2_000);
    await settled();
    expect(cells).toHaveLength(1);
    expect(pool.view()).toMatchObject([
      { function: 'a', ready: 1, waiting: 200 },
      { function: 'b', ready: 0, waiting: 1 },
    ]);
    pass(1_300);
    await settled();
    expect(calls[0]!.state).toBe('running');
  });

  it('what comes free goes to the function that has used the least, not to the one that has waited longest', async () => {
    const { call, cells, pass, first } = await overdrawn({ queue_ms: 60_000 });
    const second = batch('b', { queue_ms: 60_000 });
    const [heavy, light] = [Array.from({ length: 30 }, () => call(first)), Array.from({ length: 30 }, () => call(second))];
    const done = (calls: readonly Call[]) => calls.filter(({ state }) => state === 'done').length;
    const needs = (name: string) => (name === 'a' ? 500 : 50);
    for (let time = 0; time < 30_000; time += 50) {
      pass(50);
      await settled();
      for (const cell of cells) {
        while (cell.inFlight > 0) {
          cell.uses(needs(cell.version.function));
          cell.answer();
        }
      }
      await settled();
    }
    // Of 15 s: a half is that of the light ones, who want no more than 1.5 s.
    expect(done(light)).toBe(30);
    expect(done(heavy)).toBeGreaterThan(18);
    expect(done(heavy)).toBeLessThan(30);
  });

  it('shows what each class has and uses, and knows a class that has nothing but a budget', async () => {
    const { pool, pass, call } = await overdrawn();
    call(batch('b'));
    pass(50);
    expect([pool.hasClass('batch'), pool.hasClass('other')]).toEqual([true, false]);
    const [shared, own] = pool.classes();
    expect(shared).toEqual({ name: 'shared', cells: 0, calls: 0, waiting: 0, memory: null, cpu: null });
    expect(own).toMatchObject({ name: 'batch', cells: 1, calls: 0, waiting: 1, memory: null, cpu: { limit: 0.5, heldBack: true } });
    expect(own!.cpu!.used).toBeCloseTo(40 * (1 - Math.exp(-0.01)), 2);
    pass(60_000);
    expect(pool.classes()[1]).toMatchObject({ waiting: 0, cpu: { used: 0, heldBack: false } });
  });

  it('a host that stops lets those begin that wait for CPU time, while it waits for them', async () => {
    const { call, cells, pass, pool, first } = await overdrawn();
    const waits = call(first);
    const drained = pool.drain();
    pass(3_050);
    await settled();
    expect(waits.state).toBe('running');
    cells[0]!.answer();
    await settled();
    await drained;
    expect(waits.state).toBe('done');
  });
});
