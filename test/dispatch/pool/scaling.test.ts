import { describe, expect, it } from 'vitest';
import { settled, setup, version } from './fake-cells.ts';

const MINUTE = 60_000;

describe('Pool: how many cells there are', () => {
  it('calls that wait have more cells started, up to max_cells', async () => {
    const { call, cells } = setup();
    const own = version('a', { scaling: { concurrency: 1, max_cells: 3 } });
    const calls = Array.from({ length: 5 }, () => call(own));
    await settled();
    expect(cells).toHaveLength(3);
    expect(calls.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'waiting', 'waiting']);
  });

  it('one starts at a time: what waits when it is ready has the next one started', async () => {
    const { call, cells, pass } = setup({ ready: false });
    const own = version('a', { scaling: { concurrency: 2, max_cells: 4 } });
    for (let index = 0; index < 8; index++) call(own);
    expect(cells).toHaveLength(1);
    cells[0]!.ready();
    pass(250);
    expect(cells.length).toBeGreaterThan(1);
  });

  it('a load that is high on average has more cells, before anything waits', () => {
    const { call, cells, pass } = setup();
    const own = version('a', { scaling: { concurrency: 10, max_cells: 4 } });
    for (let index = 0; index < 9; index++) call(own);
    expect(cells).toHaveLength(1);
    pass(10_000);
    expect(cells).toHaveLength(2);
  });

  it('without calls they go after idle_ms, and not before', async () => {
    const { call, cells, pass, pool } = setup();
    const own = version('a', { scaling: { concurrency: 1, max_cells: 2, idle_ms: 2 * MINUTE } });
    call(own);
    call(own);
    await settled();
    for (const cell of cells) cell.answer();
    await settled();
    expect(cells).toHaveLength(2);
    pass(MINUTE);
    expect(cells.some(({ state }) => state === 'ready')).toBe(true);
    pass(2 * MINUTE);
    expect(cells.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    expect(cells[0]!.reason).toBe('idle');
    expect(pool.view()).toEqual([]);
    expect(call(own).cell).toBe(cells[2]);
  });

  it('short calls that come seldom keep it, though no look finds one under way', async () => {
    const { call, cells, pass } = setup();
    const own = version('a');
    for (let times = 0; times < 10; times++) {
      call(own);
      cells[0]!.answer();
      await settled();
      pass(50_000);
    }
    expect(cells).toHaveLength(1);
    expect(cells[0]!.state).toBe('ready');
  });

  it('a cell with calls is not stopped, however long they take', () => {
    const { call, cells, pass } = setup();
    call(version('a'));
    pass(60 * MINUTE);
    expect(cells.map(({ state }) => state)).toEqual(['ready']);
  });

  it('those that are kept warm start at once and stay; what is kept no more goes', () => {
    const { pool, cells, pass } = setup();
    const own = version('a', { scaling: { max_cells: 8 } });
    pool.keepWarm('fn', [{ version: own, cells: 2 }]);
    expect(cells).toHaveLength(2);
    pass(10 * MINUTE);
    expect(cells.map(({ state }) => state)).toEqual(['ready', 'ready']);
    cells[0]!.crash();
    pass(250);
    expect(cells.filter(({ state }) => state === 'ready')).toHaveLength(2);
    pool.keepWarm('fn', []);
    pass(250);
    expect(cells.filter(({ state }) => state === 'ready')).toEqual([]);
  });

  it('a start that fails is tried again by itself only after a pause that grows', () => {
    const { pool, cells, pass } = setup({ ready: false });
    pool.keepWarm('fn', [{ version: version('a'), cells: 1 }]);
    for (let second = 0; second < 60; second++) {
      if (cells.at(-1)!.state === 'starting') cells.at(-1)!.crash();
      pass(1_000);
    }
    expect(cells.length).toBeGreaterThan(3);
    expect(cells.length).toBeLessThan(9);
  });

  it('prepare() starts a cell and waits for it; without calls it is kept for some seconds', async () => {
    const { pool, cells, pass } = setup({ ready: false });
    let ready = false;
    const prepared = pool.prepare(version('a')).then(() => (ready = true));
    await settled();
    expect(ready).toBe(false);
    cells[0]!.ready();
    await prepared;
    pass(9_000);
    expect(cells[0]!.state).toBe('ready');
    pass(2_000);
    expect(cells[0]!.state).toBe('stopped');
  });

  it('prepare() fails where it does not start', async () => {
    const { pool, cells } = setup({ ready: false });
    const prepared = pool.prepare(version('a'));
    cells[0]!.crash();
    await expect(prepared).rejects.toMatchObject({ code: 'cell-start-failed' });
  });

  it('a call that is expected has a cell started shortly before', () => {
    const { pool, cells, pass } = setup();
    pool.expect('fn', 1_000_000 + MINUTE, () => void pool.prepare(version('a')));
    pass(MINUTE - 2_000);
    expect(cells).toEqual([]);
    pass(1_500);
    expect(cells).toHaveLength(1);
  });
});
