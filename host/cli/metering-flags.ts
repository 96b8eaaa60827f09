import type { Command } from 'commander';
import type { MeteringOptions } from '../platforms/running.ts';
import { usage } from './failure.ts';

export interface MeteringFlags {
  /** true: without a value. */
  readonly metering?: string | true;
  readonly usageDays?: string;
}

export function withMeteringFlags(command: Command): Command {
  return command
    .option(
      '--metering [mode]',
      'count usage for bills: "batched" writes it each second, "exact" before each answer (default mode: batched)',
    )
    .option('--usage-days <n>', 'days that what was counted is kept (default: 90)');
}

/** @throws {CliError} `usage` */
export function meteringOf({ metering, usageDays }: MeteringFlags): MeteringOptions | undefined {
  if (metering === undefined) {
    if (usageDays !== undefined) throw usage('--usage-days is for a host that counts: add --metering.');
    return undefined;
  }
  const mode = metering === true ? 'batched' : metering;
  if (mode !== 'batched' && mode !== 'exact') throw usage(`--metering is "batched" or "exact", not ${JSON.stringify(mode)}.`);
  if (usageDays !== undefined && !/^[1-9]\d{0,3}$/.test(usageDays))
    throw usage(`--usage-days is a number from 1 to 9999, not ${JSON.stringify(usageDays)}.`);
  return { exact: mode === 'exact', ...(usageDays !== undefined && { days: Number(usageDays) }) };
}
