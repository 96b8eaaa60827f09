import { describe, expect, it } from 'vitest';
import type { PoolLimits } from '../../../host/dispatch/pool/settings.ts';
import type { CellEvent, HostEvent } from '../../../host/observe/events.ts';
import { LIMITS, settled, setup, version } from './fake-cells.ts';

const MIB = 1024 ** 2;

function limits(total: number, classes: Record<string, number> = {}): PoolLimits {
  return { ...LIMITS, memory: { total: total * MIB, classes, assumed: 16 * MIB, beside: 8 * MIB } };
}

const evicted = (events: readonly HostEvent[]) =>
  events.filter((event): event is CellEvent => event.type === 'cell' && event.change === 'evicted').map(({ function: name }) => name);

const named = (name: string, more: Record<string, unknown> = {}) => version(name, { name, ...more });

describe('Pool: room for cells', () => {
  it('the idle cell that was used longest ago makes room for another function', async () => {
    const { call, cells, events } = setup({ limits: { ...LIMITS, cells: 3 } });
    for (const name of ['a', 'b', 'c']) call(named(name));
    for (const index of [1, 0, 2]) cells[index]!.answer();
    call(named('a'));
    cells[0]!.answer();
    const next = call(named('d'));
    expect(next.state).toBe('running');
    expect(evicted(events)).toEqual(['b']);
    expect(cells[1]!.reason).toBe('the host has as many cells as it may have');
  });

  it('where all are busy a call waits until one is idle, and is refused in the end, with the budget that is full', async () => {
    const { call, cells, pass } = setup({ limits: limits(32) });
    for (const name of ['a', 'b']) call(named(name));
    const third = call(named('c'));
    const fourth = call(named('d', { scaling: { queue_ms: 300 } }));
    expect([third.state, fourth.state]).toEqual(['waiting', 'waiting']);
    pass(10);
    cells[0]!.answer();
    await settled();
    expect(third.state).toBe('running');
    pass(300);
    await settled();
    expect(fourth.error).toMatchObject({ code: 'overloaded', details: { budget: 'memory', class: 'shared', retryAfter: 5 } });
    expect((fourth.error as Error).message).toContain('cells of the class "shared" have all of its 32 MiB');
  });

  it('a class has its own memory: others neither take of it nor make room in it', async () => {
    const { call, pool, events } = setup({ limits: limits(64, { batch: 32 * MIB }) });
    for (const name of ['a', 'b']) call(named(name));
    const third = call(named('c', { scaling: { queue: 0 } }));
    await settled();
    expect(third.state).toBe('failed');
    for (const name of ['x', 'y']) expect(call(named(name, { scaling: { class: 'batch' } })).state).toBe('running');
    expect(pool.view().map((view) => view.class)).toEqual(['shared', 'shared', 'shared', 'batch', 'batch']);
    expect([pool.hasClass('batch'), pool.hasClass('dedicated'), pool.hasClass('other')]).toEqual([true, true, false]);
    expect(evicted(events)).toEqual([]);
  });

  it('where a class has cores but no memory of its own, the version with the most cells in that of all gives it one', async () => {
    const { call, cells, pass } = setup({ limits: { ...limits(32), cpu: { batch: 1 } } });
    const big = named('big', { scaling: { concurrency: 1, max_cells: 2 } });
    for (let index = 0; index < 2; index++) call(big);
    await settled();
    expect(cells.map(({ inFlight }) => inFlight)).toEqual([1, 1]);
    const small = call(named('small', { scaling: { class: 'batch' } }));
    pass(250);
    expect(small.state).toBe('waiting');
    const given = cells.find(({ state }) => state === 'draining')!;
    expect(given.reason).toBe('others have no cell');
    given.answer();
    await settled();
    expect(small.state).toBe('running');
  });

  it('a dedicated cell counts with all that it may take, and a measured one with what it has', async () => {
    const { call, cells, pass } = setup({ limits: limits(100) });
    call(named('a', { scaling: { class: 'dedicated' }, limits: { memory_mb: 56 } }));
    expect(call(named('b')).state).toBe('running');
    expect(call(named('c')).state).toBe('running');
    const fourth = call(named('d'));
    expect(fourth.state).toBe('waiting');
    cells[1]!.memory = MIB;
    cells[0]!.memory = MIB;
    cells[2]!.memory = MIB;
    pass(250);
    await settled();
    expect(fourth.state).toBe('running');
  });

  it('for one cell more those give up what nothing calls, but for their last cell and those that are kept warm', async () => {
    const { call, cells, events, pool, pass } = setup({ limits: { ...LIMITS, cells: 6 } });
    const wide = (name: string) => named(name, { scaling: { concurrency: 1, max_cells: 10 } });
    for (const name of ['quiet', 'quiet', 'kept', 'kept', 'busy', 'busy']) call(wide(name));
    await settled();
    pool.keepWarm('kept', [{ version: wide('kept'), cells: 2 }]);
    for (const index of [0, 1, 2, 3, 4]) cells[index]!.answer();
    await settled();
    // The first of its cells may be what another had to spare; for more there is nothing that nobody calls.
    const calls = [call(wide('hot')), call(wide('hot'))];
    await settled();
    expect(calls.map(({ state }) => state)).toEqual(['running', 'waiting']);
    expect(evicted(events)).toEqual(['quiet']);
    cells[5]!.answer();
    pass(30);
    calls.push(call(wide('hot')));
    await settled();
    expect(calls.map(({ state }) => state)).toEqual(['running', 'running', 'waiting']);
    expect(evicted(events)).toEqual(['quiet', 'busy']);
    const ready = pool.view().map((view) => [view.function, view.ready]);
    expect(Object.fromEntries(ready)).toEqual({ quiet: 1, kept: 2, busy: 1, hot: 2 });
  });

  it('for one cell more nobody gives their last one up; for a first one the version with the most does', async () => {
    const { call, cells, pass, pool } = setup({ limits: { ...LIMITS, cells: 3 } });
    call(named('quiet'));
    cells[0]!.answer();
    const hot = named('hot', { scaling: { concurrency: 1, max_cells: 10 } });
    for (let index = 0; index < 8; index++) call(hot);
    await settled();
    expect(pool.view().map(({ ready }) => ready)).toEqual([1, 2]);
    call(named('quiet'));
    const other = call(named('other'));
    expect(other.state).toBe('waiting');
    pass(250);
    expect(cells.map(({ state }) => state)).toContain('draining');
    cells.find(({ state }) => state === 'draining')!.answer();
    pass(10);
    await settled();
    expect(other.state).toBe('running');
  });

  it('above 85 % of the memory idle cells go, above 95 % calls are refused, below 90 % they are taken again', async () => {
    let used = 50;
    const { call, cells, pass, events } = setup({ gauge: { limit: 100 * MIB, used: () => used * MIB } });
    for (let index = 0; index < 8; index++) call(named(`f${index}`));
    for (const cell of cells.slice(0, 7)) cell.answer();
    pass(250);
    expect(evicted(events)).toEqual([]);
    used = 86;
    pass(250);
    expect(evicted(events)).toEqual(['f0', 'f1']);
    expect(call(named('f7')).state).toBe('running');
    used = 96;
    pass(250);
    const refused = call(named('f7'));
    await settled();
    expect(refused.error).toMatchObject({ code: 'overloaded', details: { budget: 'rss', retryAfter: 5 } });
    // What has been admitted may call others: else it could not end.
    expect(call(named('f7'), { depth: 1 }).state).toBe('running');
    used = 92;
    pass(250);
    expect(call(named('f7')).state).toBe('waiting');
    used = 60;
    pass(250);
    expect(call(named('f7')).state).toBe('running');
    expect(events.filter(({ type }) => type === 'host')).toMatchObject([
      { level: 'error', message: 'The host has 96 of 100 MiB in memory: calls are refused until cells have ended.' },
      { level: 'info', message: 'The host has 60 of 100 MiB in memory: calls are taken again.' },
    ]);
  });

  it('a host that has too much in memory without any cell takes calls all the same', () => {
    const { call, pass } = setup({ gauge: { limit: 100, used: () => 99 } });
    pass(1_000);
    expect(call(named('a')).state).toBe('running');
  });
});
