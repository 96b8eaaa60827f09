import { describe, expect, it } from 'vitest';
import type { CellState } from '../../../host/dispatch/cell.ts';
import { LIMITS, settled, setup, version } from './fake-cells.ts';

describe('Pool.find()', () => {
  it('starts a cell at the first call, and gives the same while it starts and when it is ready', () => {
    const { pool, cells } = setup({ ready: false });
    const first = pool.find(version('a'), 0);
    expect(first?.cell).toBe(cells[0]);
    expect(pool.find(version('a'), 0)).toBe(first);
    cells[0]!.ready();
    expect(pool.find(version('a'), 0)).toBe(first);
    expect(pool.find(version('b'), 0)).not.toBe(first);
    expect(cells).toHaveLength(2);
  });

  it.each<CellState>(['stopped', 'draining'])('replaces a cell that is %s', async (state) => {
    const { pool, cells } = setup();
    const first = pool.find(version('a'), 0)!;
    if (state === 'stopped') cells[0]!.crash();
    else {
      void cells[0]!.fetch(new Request('http://localhost'), {} as never);
      await cells[0]!.drain();
    }
    const second = pool.find(version('a'), 0)!;
    expect(second).not.toBe(first);
    expect(second.cell).toBe(cells[1]);
  });

  it('replaces a cell that knows older secrets, which finishes what it runs', () => {
    const { pool, cells, call } = setup();
    const older = call(version('a'));
    const newer = pool.find({ ...version('a'), secretsRevision: 1 }, 0)!;
    expect(cells.map(({ state }) => state)).toEqual(['draining', 'ready']);
    expect(older.state).toBe('running');
    // Who looked the version up before the change, and comes after it.
    expect(pool.find(version('a'), 0)).toBe(newer);
    expect(cells[0]!.reason).toBe('other secrets');
  });

  it('gives a call that has room no promise, and a cell no more calls than its concurrency', () => {
    const { pool, call, cells } = setup();
    const own = version('a', { scaling: { concurrency: 2, max_cells: 1 } });
    expect(call(own).cell).toBe(cells[0]);
    expect(call(own).cell).toBe(cells[0]);
    expect(pool.find(own, 0)).toBeNull();
    cells[0]!.answer();
    expect(pool.find(own, 0)?.cell).toBe(cells[0]);
  });

  it('where cells are ready, gives calls to none that starts', () => {
    const { call, cells, pool } = setup({ ready: false });
    const own = version('a', { scaling: { concurrency: 1, max_cells: 2 } });
    call(own);
    cells[0]!.ready();
    const waiting = call(own);
    expect(cells).toHaveLength(2);
    expect(waiting.state).toBe('waiting');
    expect(pool.view()[0]).toMatchObject({ ready: 1, starting: 1, calls: 1, waiting: 1 });
  });

  it('chooses by the policy that the manifest names', () => {
    const { call, pool } = setup();
    const own = version('a', { scaling: { concurrency: 10, policy: 'round-robin' } });
    pool.keepWarm('fn', [{ version: own, cells: 3 }]);
    const chosen = Array.from({ length: 6 }, () => call(own).cell);
    expect(new Set(chosen.slice(0, 3)).size).toBe(3);
    expect(chosen.slice(3)).toEqual(chosen.slice(0, 3));
  });
});

describe('Pool.wait()', () => {
  const one = (more: Record<string, unknown> = {}) => version('a', { scaling: { concurrency: 1, max_cells: 1, ...more } });

  it('has calls begin in the order in which they came, and tells how long they have waited', async () => {
    const { call, cells, pass } = setup();
    call(one());
    const second = call(one());
    const third = call(one());
    pass(40);
    cells[0]!.answer();
    await settled();
    expect([second.state, third.state]).toEqual(['running', 'waiting']);
    expect(second.waited).toBe(40);
    cells[0]!.answer();
    await settled();
    expect([second.state, third.state]).toEqual(['done', 'running']);
    expect(cells[0]!.most).toBe(1);
  });

  it('nobody who comes later goes before one that waits', async () => {
    const { call, cells, pool } = setup();
    call(one());
    const second = call(one());
    cells[0]!.answer();
    // The place is the second one's, though it has not heard of it yet.
    expect(pool.find(one(), 0)).toBeNull();
    await settled();
    expect(second.state).toBe('running');
  });

  it('refuses what comes when the line is full, and what has waited for queue_ms', async () => {
    const { call, pass, events, pool } = setup();
    const own = one({ queue: 2, queue_ms: 500 });
    call(own);
    const [second, third, fourth] = [call(own), call(own), call(own)];
    await settled();
    expect([second.state, third.state, fourth.state]).toEqual(['waiting', 'waiting', 'failed']);
    expect(fourth.error).toMatchObject({ code: 'overloaded', status: 503, details: { budget: 'concurrency', retryAfter: 1 } });
    pass(499);
    await settled();
    expect(second.state).toBe('waiting');
    pass(1);
    await settled();
    expect([second.state, third.state]).toEqual(['failed', 'failed']);
    expect((second.error as Error).message).toBe(
      'fn@1 cannot take this call now: its cell has 1 calls under way (concurrency and max_cells of [scaling]), and it has waited for 500 ms. Try again in 1 s.',
    );
    expect(pool.view()[0]).toMatchObject({ waiting: 0, shed: 3 });
    expect(events.filter(({ type }) => type === 'shedding')).toMatchObject([{ change: 'began', function: 'fn', version: 1 }]);
    pass(2_000);
    expect(events.filter(({ type }) => type === 'shedding')).toMatchObject([{ change: 'began' }, { change: 'ended', calls: 3 }]);
  });

  it('a call waits no longer than its own time', async () => {
    const { call, pass } = setup();
    call(one());
    const late = call(one(), { ms: 20 });
    pass(20);
    await settled();
    expect(late.error).toMatchObject({ code: 'overloaded' });
  });

  it('a client that leaves gives its place in the line up', async () => {
    const { call, cells, pool } = setup();
    call(one());
    const leaving = new AbortController();
    const second = call(one(), { signal: leaving.signal });
    const third = call(one());
    leaving.abort();
    await settled();
    expect(second.error).toMatchObject({ code: 'overloaded' });
    expect(pool.view()[0]).toMatchObject({ waiting: 1, shed: 0 });
    cells[0]!.answer();
    await settled();
    expect(third.state).toBe('running');
    expect(call(one(), { signal: AbortSignal.abort() }).state).toBe('waiting');
    await settled();
    expect(pool.view()[0]).toMatchObject({ waiting: 0 });
  });

  it('a queue of 0 refuses at once', async () => {
    const { call } = setup();
    call(one({ queue: 0 }));
    const second = call(one({ queue: 0 }));
    await settled();
    expect(second.state).toBe('failed');
  });

  it('a cell that crashes gives what waits another', async () => {
    const { call, cells } = setup();
    const first = call(one());
    const second = call(one());
    cells[0]!.crash();
    await settled();
    expect(first.error).toMatchObject({ code: 'cell-crashed' });
    expect(second.cell).toBe(cells[1]);
    expect(second.state).toBe('running');
  });

  it('a place that is given in a cell that goes in the same moment is not lost', async () => {
    const { call, cells, pool } = setup();
    const own = one();
    call(own);
    const second = call(own);
    cells[0]!.answer();
    pool.keepOnly('fn', new Set(['a']), 1);
    await settled();
    expect(second.cell).toBe(cells[1]);
    expect(pool.view()[0]).toMatchObject({ calls: 1, waiting: 0 });
  });

  it('calls inside of others have places of their own: those that wait for one another end', async () => {
    const { call, cells } = setup();
    call(one());
    const outer = call(one());
    const inner = call(one(), { depth: 1 });
    expect(inner.cell).toBe(cells[0]);
    const beside = call(one(), { depth: 1 });
    expect(beside.state).toBe('waiting');
    expect(call(one(), { depth: 2 }).cell).toBe(cells[0]);
    expect(outer.state).toBe('waiting');
    cells[0]!.answer();
    cells[0]!.answer();
    await settled();
    // One of the second depth is left, so there is room for the first depth before there is for the one that waits outside.
    expect(beside.state).toBe('running');
    expect(outer.state).toBe('waiting');
  });
});

describe('Pool: what is kept', () => {
  it('drains the cells of versions that are gone, of that function alone', () => {
    const { pool, cells } = setup();
    for (const artifact of ['a', 'b']) pool.find(version(artifact), 0);
    pool.find(version('c', { name: 'other' }), 0);
    for (const cell of cells) void cell.fetch(new Request('http://localhost'), {} as never);
    pool.keepOnly('fn', new Set(['b']));
    expect(cells.map(({ state }) => state)).toEqual(['draining', 'ready', 'ready']);
    expect(pool.find(version('b'), 0)?.cell).toBe(cells[1]);
  });

  it('keeps the cells of what is a part of a version as long as those of the version', () => {
    const { pool, cells } = setup();
    const part = { ...version('a/policy'), partOf: 'a' };
    pool.find(part, 0);
    void cells[0]!.fetch(new Request('http://localhost'), {} as never);
    pool.keepOnly('fn', new Set(['a', 'b']));
    expect(cells[0]!.state).toBe('ready');
    pool.keepOnly('fn', new Set(['b']));
    expect(cells[0]!.state).toBe('draining');
  });

  it('drain() lets what waits have its turn, and waits for each cell', async () => {
    const { pool, cells, call } = setup();
    const own = version('a', { scaling: { concurrency: 1, max_cells: 1 } });
    call(own);
    const waiting = call(own);
    let drained = false;
    const all = pool.drain().then(() => (drained = true));
    await settled();
    expect(cells[0]!.state).toBe('ready');
    cells[0]!.answer();
    await settled();
    expect(waiting.state).toBe('running');
    expect(cells[0]!.state).toBe('draining');
    await all;
    expect(drained).toBe(true);
  });

  it('where the runtime places calls itself, a version has one cell, and above the bound the oldest goes', () => {
    const { pool, cells } = setup({ scales: false, limits: { ...LIMITS, cells: 64, cellsOfVersion: 1 } });
    for (let index = 0; index < 64; index++) pool.find(version(`a${index}`), 0);
    for (let index = 0; index < 1_000; index++) pool.find(version('a0'), 0);
    pool.find(version('one-more'), 0);
    expect(cells).toHaveLength(65);
    expect(cells.filter(({ state }) => state !== 'ready').map((cell) => cell.version.artifact)).toEqual(['a1']);
  });
});
