import type { ConsoleLevel } from '../observe/events.ts';
import type { InvocationStorage } from './invocation.ts';
import { formatLog } from './format.ts';
import type { LogBudget } from './log-budget.ts';

export type ConsoleWriter = (level: ConsoleLevel, message: string, requestId: string | null) => void;

/** Labels of `count` and `time` that a cell keeps. */
const MAX_LABELS = 1_000;

export interface ConsoleOutput {
  readonly write: ConsoleWriter;
  readonly budget: LogBudget;
}

/** Makes the cell's `console` write to the host, each line with its invocation, as far as its budget goes. */
export function captureConsole(target: Console, storage: InvocationStorage, { write, budget }: ConsoleOutput): void {
  const emit = (level: ConsoleLevel, args: unknown[]) => {
    const running = storage.getStore();
    if (!budget.admits(running)) return undefined;
    const text = formatLog(args);
    return budget.fits(text.length) ? write(level, text, running?.requestId ?? null) : undefined;
  };
  for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) target[level] = (...args: unknown[]) => emit(level, args);
  target.trace = (...args: unknown[]) => emit('debug', [...args, new Error('trace').stack]);
  target.group = (...args: unknown[]) => {
    if (args.length > 0) emit('log', args);
  };
  target.groupCollapsed = target.group;
  target.groupEnd = () => {};
  target.dirxml = (...args: unknown[]) => emit('log', args);
  target.dir = (...args: unknown[]) => emit('log', args.slice(0, 1));
  target.table = (...args: unknown[]) => emit('log', args.slice(0, 1));
  target.assert = (condition?: unknown, ...args: unknown[]) => {
    if (!condition) emit('error', ['Assertion failed:', ...args]);
  };
  countAndTime(target, emit);
}

function countAndTime(target: Console, emit: (level: ConsoleLevel, args: unknown[]) => void): void {
  const counts = new Map<string, number>();
  const starts = new Map<string, number>();
  const bounded = <Value>(map: Map<string, Value>, label: string, value: Value) => {
    if (map.size < MAX_LABELS || map.has(label)) map.set(label, value);
  };
  target.count = (label = 'default') => {
    const name = String(label);
    bounded(counts, name, (counts.get(name) ?? 0) + 1);
    emit('info', [`${name}: ${counts.get(name)}`]);
  };
  target.countReset = (label = 'default') => void counts.delete(String(label));
  target.time = (label = 'default') => bounded(starts, String(label), performance.now());
  target.timeLog = (label = 'default', ...args: unknown[]) => emit('log', [`${String(label)}: ${elapsed(String(label))}`, ...args]);
  target.timeEnd = (label = 'default') => {
    emit('info', [`${String(label)}: ${elapsed(String(label))}`]);
    starts.delete(String(label));
  };

  function elapsed(label: string): string {
    const start = starts.get(label);
    return start === undefined ? 'no such timer' : `${Math.round((performance.now() - start) * 1000) / 1000} ms`;
  }
}
