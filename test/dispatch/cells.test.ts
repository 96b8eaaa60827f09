import { describe, expect, it } from 'vitest';
import type { Cell, CellState, Engine, LoadedVersion } from '../../host/dispatch/cell.ts';
import { Cells } from '../../host/dispatch/cells.ts';
import type { BrinkError } from '../../host/errors.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { parseManifest } from '../../host/registry/manifest.ts';

class StillCell implements Cell {
  state: CellState = 'starting';
  readonly version: LoadedVersion;

  constructor(version: LoadedVersion) {
    this.version = version;
  }
  fetch = () => Promise.resolve(new Response());
  scheduled = () => Promise.resolve({ noRetry: false });
  rpc(): never {
    throw new Error('Nothing calls these.');
  }
  queue = () => Promise.resolve({ said: [], failure: null });
  drain(): Promise<void> {
    this.state = 'draining';
    return Promise.resolve();
  }
  stop(): Promise<void> {
    this.state = 'stopped';
    return Promise.resolve();
  }
}

function stillEngine(): Engine & { readonly made: readonly StillCell[] } {
  const made: StillCell[] = [];
  return {
    name: 'node',
    made,
    cell(version) {
      const cell = new StillCell(version);
      made.push(cell);
      return cell;
    },
    probe: () => Promise.resolve(['fetch']),
    serve() {},
    stop: () => Promise.resolve(),
  };
}

function version(artifact: string, name = 'fn'): LoadedVersion {
  return {
    artifact,
    function: name,
    number: 1,
    digest: artifact,
    manifest: parseManifest({ name }),
    load: () => Promise.reject(new Error('not here')),
    secretsRevision: 0,
    secrets: () => Promise.resolve({}),
  };
}

function setup() {
  const engine = stillEngine();
  const events: HostEvent[] = [];
  const clock = { time: 1_000_000 };
  const cells = new Cells(engine, { events: (event) => void events.push(event), now: () => clock.time });
  return { engine, events, clock, cells };
}

describe('Cells', () => {
  it('of() gives one cell for each artifact, while it starts and when it is ready', () => {
    const { engine, cells } = setup();
    const a = cells.of(version('a'));
    expect(cells.of(version('a'))).toBe(a);
    engine.made[0]!.state = 'ready';
    expect(cells.of(version('a'))).toBe(a);
    expect(cells.of(version('b'))).not.toBe(a);
    expect(engine.made).toHaveLength(2);
  });

  it.each<CellState>(['stopped', 'draining'])('of() replaces a cell that is %s', (state) => {
    const { engine, cells } = setup();
    const first = cells.of(version('a'));
    engine.made[0]!.state = state;
    const second = cells.of(version('a'));
    expect(second).not.toBe(first);
    expect(cells.of(version('a'))).toBe(second);
  });

  it('of() drains the cell that was used longest ago, above 64', () => {
    const { engine, cells } = setup();
    for (let index = 0; index < 64; index++) cells.of(version(`a${index}`));
    cells.of(version('a0'));
    cells.of(version('one-more'));
    expect(engine.made.filter(({ state }) => state === 'draining').map((cell) => cell.version.artifact)).toEqual(['a1']);
    expect(cells.of(version('a0'))).toBe(engine.made[0]);
  });

  it('keepOnly() drains the cells of versions that are gone, of that function alone', () => {
    const { engine, cells } = setup();
    for (const artifact of ['a', 'b']) cells.of(version(artifact));
    cells.of(version('c', 'other'));
    cells.keepOnly('fn', new Set(['b']));
    expect(engine.made.map(({ state }) => state)).toEqual(['draining', 'starting', 'starting']);
    expect(cells.of(version('b'))).toBe(engine.made[1]);
  });

  it('of() replaces a cell that knows older secrets, which finishes what it runs', () => {
    const { engine, cells } = setup();
    const older = cells.of(version('a'));
    const newer = cells.of({ ...version('a'), secretsRevision: 1 });
    expect(newer).not.toBe(older);
    expect(engine.made.map(({ state }) => state)).toEqual(['draining', 'starting']);
    // Who looked the version up before the change, and comes after it.
    expect(cells.of(version('a'))).toBe(newer);
  });

  it('keepOnly() drains the cells that know older secrets, of that function alone', () => {
    const { engine, cells } = setup();
    cells.of(version('a'));
    cells.of({ ...version('b'), secretsRevision: 2 });
    cells.of(version('c', 'other'));
    cells.keepOnly('fn', new Set(['a', 'b']), 2);
    expect(engine.made.map(({ state }) => state)).toEqual(['draining', 'starting', 'starting']);
  });

  it('drain() drains every cell and waits for each', async () => {
    const { engine, cells } = setup();
    cells.of(version('a'));
    cells.of(version('b'));
    const { promise, resolve } = Promise.withResolvers<void>();
    engine.made[1]!.drain = () => promise;
    let drained = false;
    const all = cells.drain().then(() => (drained = true));
    await Promise.resolve();
    expect(engine.made[0]!.state).toBe('draining');
    expect(drained).toBe(false);
    resolve();
    await all;
  });
});

describe('cells that end soon after their start', () => {
  const crash = ({ engine }: ReturnType<typeof setup>) => void (engine.made.at(-1)!.state = 'stopped');
  const refusal = ({ cells }: ReturnType<typeof setup>, of = version('a')) => {
    try {
      cells.of(of);
      return null;
    } catch (error) {
      return error as BrinkError;
    }
  };

  it('are started again at once twice, then after pauses that grow; meanwhile requests hear when to come again', () => {
    const held = setup();
    const waits: number[] = [];
    for (let life = 0; life < 9; life++) {
      let waited = 0;
      while (refusal(held) !== null) {
        held.clock.time += 50;
        waited += 50;
      }
      waits.push(waited);
      crash(held);
    }
    expect(waits).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 8_000]);
    const error = refusal(held)!;
    expect(error).toMatchObject({ code: 'boot-loop', details: { retryAfter: 16, lives: 9, open: true } });
    expect(error.message).toContain('its last 9 cells ended within 10 s');
    expect(held.engine.made).toHaveLength(9);
    expect(held.events).toHaveLength(7);
    expect(held.events[0]).toMatchObject({ type: 'cell', change: 'held-back', function: 'fn', version: 1 });
  });

  it('wait for half a minute at most', () => {
    const held = setup();
    for (let life = 0; life < 3; life++) {
      held.cells.of(version('a'));
      crash(held);
    }
    for (let life = 0; life < 20; life++) {
      expect(refusal(held)).not.toBe(null);
      held.clock.time += 30_000;
      held.cells.of(version('a'));
      crash(held);
    }
    expect(refusal(held)!.details).toMatchObject({ retryAfter: 30 });
  });

  it('are forgotten once one lives longer, whether it ends afterwards or not', () => {
    const held = setup();
    for (let life = 0; life < 4; life++) {
      held.clock.time += 5_000;
      held.cells.of(version('a'));
      crash(held);
    }
    held.clock.time += 5_000;
    held.cells.of(version('a'));
    held.clock.time += 10_000;
    held.cells.of(version('a'));
    expect(held.events.at(-1)).toMatchObject({ change: 'recovered' });
    crash(held);
    for (let life = 0; life < 3; life++) {
      expect(refusal(held)).toBe(null);
      crash(held);
    }
    expect(refusal(held)).not.toBe(null);
  });

  it('hold back no other version, and no cell that was replaced or drained', () => {
    const held = setup();
    for (let life = 0; life < 5; life++) {
      held.clock.time += 5_000;
      held.cells.of(version('a'));
      crash(held);
    }
    expect(refusal(held)).not.toBe(null);
    for (let life = 0; life < 5; life++) {
      expect(refusal(held, version('b'))).toBe(null);
      held.engine.made.at(-1)!.state = 'draining';
    }
  });
});
