import type { Platform } from '../platform.ts';
import { Ledger } from './ledger.ts';
import { createMeter, type Meter } from './meter.ts';
import { readUsage, type UsageQuery, type UsageResult } from './report.ts';

export interface Metering {
  readonly meter: Meter;
  /** What was counted by all hosts; by this one up to now. */
  read(query: UsageQuery): Promise<UsageResult[]>;
  /** Writes what is not written yet. Never rejects. */
  flush(): Promise<void>;
}

const DAY = 86_400_000;
const USAGE_DAYS = 90;

/** null where the platform has nothing counted. */
export function createMetering(platform: Platform): Metering | null {
  const { metering, store, now, log, engine, waitUntil, watchSocket } = platform;
  if (metering === undefined) return null;
  const failed = (error: unknown) =>
    log.emit({
      type: 'host',
      time: now(),
      function: '*',
      version: 0,
      level: 'error',
      message: `Usage cannot be written to the store, and is kept in memory until it can: ${error instanceof Error ? error.message : String(error)}`,
    });
  const { exact, days = USAGE_DAYS, body } = metering;
  const ledger = new Ledger({ store, now, exact, shares: engine.name === 'node', keep: days * DAY, waitUntil, failed });
  return {
    meter: createMeter({ ledger, now, cpu: engine.name === 'node', body, watchSocket }),
    async read(query) {
      await ledger.flush();
      return readUsage(store, query);
    },
    flush: () => ledger.flush().catch(failed),
  };
}
