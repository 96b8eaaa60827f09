import { versionByNumber } from '../registry/change.ts';
import { warmthOf } from '../registry/readiness.ts';
import type { FunctionRecord } from '../registry/record.ts';
import type { Registry } from '../registry/registry.ts';
import type { Engine } from './cell.ts';
import { wishFor, type Functions } from './functions.ts';
import type { Pool } from './pool/pool.ts';

/** What follows for cells from what is known of functions. */
export interface Upkeep {
  /** A function has changed: cells of what is gone end, and those that are to be kept start. Gives what it is now. */
  follow(name: string): Promise<FunctionRecord | null>;
  /** Starts the cells of all functions that are kept, though nothing calls them. */
  warm(): Promise<void>;
  /** `live` of a function is called at this time by the host itself: a cell is there shortly before. */
  expect(name: string, at: number): void;
}

export interface UpkeepOptions {
  readonly registry: Registry;
  readonly functions: Functions;
  readonly engine: Engine;
  readonly pool: Pool;
}

export function createUpkeep({ registry, functions, engine, pool }: UpkeepOptions): Upkeep {
  async function keepWarm(record: FunctionRecord): Promise<void> {
    if (!engine.scales) return;
    const kept = [...warmthOf(record)].map(async ([number, cells]) => {
      return { version: await registry.load(record, versionByNumber(record, number)), cells };
    });
    pool.keepWarm(record.name, await Promise.all(kept));
  }
  const prepare = async (name: string) => {
    const { version } = await functions.choose(name, wishFor(null));
    await pool.prepare(version);
  };
  return {
    async follow(name) {
      const record = await registry.find(name);
      const artifacts = new Set(record?.versions.map(({ artifact }) => artifact));
      pool.keepOnly(name, artifacts, record?.secrets?.revision);
      if (record !== null) await keepWarm(record);
      return record;
    },
    async warm() {
      await Promise.all((await registry.list()).map(keepWarm));
    },
    expect: (name, at) => pool.expect(name, at, () => void prepare(name).catch(() => {})),
  };
}
