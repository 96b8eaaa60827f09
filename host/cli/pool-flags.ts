import process from 'node:process';
import type { Command } from 'commander';
import type { PoolSettings } from '../platforms/pool-settings.ts';
import { usage } from './failure.ts';

/** What a host on Node is told of its cells. */
export interface PoolFlags {
  readonly maxMemory?: string;
  readonly memoryClass?: readonly string[];
  readonly cpuClass?: readonly string[];
  readonly maxCalls?: string;
  readonly maxCells?: string;
}

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** Hundredths: a look at a cell tells of less, and nothing could run with it. */
const CORES = /^\d{1,4}(?:\.\d{1,2})?$/;
const CLASS = /^([a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)=(.+)$/;

export function withPoolFlags(command: Command): Command {
  return command
    .option(
      '--max-memory <size>',
      'memory of the process, as 2g or 512m; BRINK_MAX_MEMORY without it, else 80 % of what there is, and no limit on workerd',
    )
    .option(
      '--memory-class <name=size>',
      'the part of it that cells of one class may have ([scaling] class); may be repeated',
      gathered,
      [],
    )
    .option('--cpu-class <name=cores>', 'the cores that cells of one class may use on average, as batch=0.5; may be repeated', gathered, [])
    .option('--max-calls <n>', 'calls under way at once; BRINK_MAX_CALLS without it, else 10000')
    .option('--max-cells <n>', 'cells of all functions; BRINK_MAX_CELLS without it, else as memory allows');
}

/** The flags, else the environment. @throws {CliError} `usage` */
export function poolOf({ maxMemory, memoryClass = [], cpuClass = [], maxCalls, maxCells }: PoolFlags): PoolSettings {
  const memory = valueOf('--max-memory', maxMemory ?? process.env['BRINK_MAX_MEMORY'], sizeOf);
  const classes = Object.fromEntries(memoryClass.map(memoryOf));
  const taken = Object.values(classes).reduce((sum, bytes) => sum + bytes, 0);
  if (memory !== undefined && taken > memory) throw usage('The classes of --memory-class have more together than --max-memory.');
  return {
    memory,
    classes,
    cpu: Object.fromEntries(cpuClass.map(cpuOf)),
    calls: valueOf('--max-calls', maxCalls ?? process.env['BRINK_MAX_CALLS'], countOf),
    cells: valueOf('--max-cells', maxCells ?? process.env['BRINK_MAX_CELLS'], countOf),
  };
}

function gathered(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function memoryOf(text: string): [name: string, bytes: number] {
  const [, name, size] = CLASS.exec(text) ?? [];
  if (name === undefined || size === undefined) throw usage(`--memory-class ${JSON.stringify(text)} is not NAME=SIZE, as batch=512m is.`);
  return [name, valueOf('--memory-class', size, sizeOf)!];
}

function cpuOf(text: string): [name: string, cores: number] {
  const [, name, cores = ''] = CLASS.exec(text) ?? [];
  if (name === undefined || !CORES.test(cores) || Number(cores) === 0)
    throw usage(`--cpu-class ${JSON.stringify(text)} is not NAME=CORES, as batch=0.5 and batch=2 are.`);
  return [name, Number(cores)];
}

function valueOf(flag: string, text: string | undefined, read: (text: string) => number | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = read(text.trim().toLowerCase());
  if (value !== undefined) return value;
  throw usage(
    `${flag} ${JSON.stringify(text)} is not ${read === sizeOf ? 'a size: write 2g, 512m or bytes' : 'a whole number of 1 or more'}.`,
  );
}

function sizeOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,15})([kmg]?)i?b?$/.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit ?? ''] ?? 1);
  return bytes >= 1 ? bytes : undefined;
}

function countOf(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
