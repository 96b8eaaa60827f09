import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { captureConsole } from '../../host/cell/console.ts';
import { LogBudget, MAX_CHARACTERS } from '../../host/cell/log-budget.ts';
import { Running } from '../../host/cell/invocation.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const REQUEST = '00f067aa0ba902b7';

describe('captureConsole()', () => {
  let written: [level: string, message: string, requestId: string | null][];
  let storage: AsyncLocalStorage<Running>;
  let target: Console;
  let now: number;
  let due: (() => void)[];
  const tell = () => due.splice(0).forEach((each) => each());
  beforeEach(() => {
    written = [];
    storage = new AsyncLocalStorage();
    target = {} as Console;
    now = 0;
    due = [];
    const write = (...line: (typeof written)[number]) => void written.push(line);
    const budget = new LogBudget({
      limits: () => ({ log_lines: 100, log_lines_per_second: 150 }),
      now: () => now,
      later: (tell) => void due.push(tell),
      write: (message) => write('warn', message, null),
    });
    captureConsole(target, storage, { write, budget });
  });

  it('gives each method its level and formats its arguments', () => {
    for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) target[level]('%s is', level, { a: 1 });
    expect(written.map(([level, message]) => [level, message])).toEqual(
      ['debug', 'log', 'info', 'warn', 'error'].map((level) => [level, `${level} is { a: 1 }`]),
    );
  });

  it('trace() shows where it was called, dir() and table() one value, assert() only what fails', () => {
    target.trace('here');
    target.dir({ a: 1 }, { depth: 0 });
    target.table([{ a: 1 }], ['a']);
    target.assert(true, 'not this');
    target.assert(false, 'but %s', 'this');
    expect(written[0]![0]).toBe('debug');
    expect(written[0]![1]).toMatch(/^here Error: trace\n\s+at /);
    expect(written.slice(1).map(([level, message]) => [level, message])).toEqual([
      ['log', '{ a: 1 }'],
      ['log', '[ { a: 1 } ]'],
      ['error', expect.stringMatching(/^Assertion failed/)],
    ]);
    expect(written[3]![1]).toContain('this');
  });

  it('works with methods taken off the console', () => {
    const { log } = target;
    log('free');
    expect(written).toEqual([['log', 'free', null]]);
  });

  it('gives each line the invocation that it was written in, also after an await', async () => {
    const other = TRACEPARENT.replace(REQUEST, 'aaaaaaaaaaaaaaaa');
    const handler = async (text: string) => {
      target.log(`${text} before`);
      await Promise.resolve();
      target.log(`${text} after`);
    };
    await Promise.all([storage.run(new Running(TRACEPARENT), () => handler('one')), storage.run(new Running(other), () => handler('two'))]);
    target.log('outside');
    expect(written.map(([, message, requestId]) => [message, requestId])).toEqual([
      ['one before', REQUEST],
      ['two before', 'aaaaaaaaaaaaaaaa'],
      ['one after', REQUEST],
      ['two after', 'aaaaaaaaaaaaaaaa'],
      ['outside', null],
    ]);
  });

  it('stops at so many lines of one invocation, lets others write, and says how much was left out', () => {
    const flood = (lines: number) =>
      storage.run(new Running(TRACEPARENT), () => {
        for (let index = 0; index < lines; index++) target.log(index);
      });
    flood(1_000_000);
    expect(written).toHaveLength(100);
    expect(written.at(-1)![1]).toBe('99');
    flood(1);
    expect(written.at(-1)![1]).toBe('0');
    expect(due).toHaveLength(1);
    tell();
    expect(written.at(-1)).toEqual(['warn', expect.stringMatching(/^999900 lines were left out of the log:.*limits\.log_lines/), null]);
  });

  it('stops at so many lines a second of all together, and begins anew in the next', () => {
    for (let index = 0; index < 200; index++) target.log(index);
    expect(written).toHaveLength(150);
    tell();
    expect(written.at(-1)![1]).toMatch(/^50 lines/);
    now = 999;
    target.log('dropped');
    now = 1_000;
    target.log('written');
    expect(written.at(-1)![1]).toBe('written');
    tell();
    expect(written.at(-1)![1]).toMatch(/^1 line was/);
  });

  it('stops at so many characters a second', () => {
    const budget = new LogBudget({
      limits: () => ({ log_lines: 1_000, log_lines_per_second: 1_000_000 }),
      now: () => now,
      later: (each) => void due.push(each),
      write: (message) => void written.push(['warn', message, null]),
    });
    expect([MAX_CHARACTERS / 2, MAX_CHARACTERS / 2, 1].map((characters) => budget.admits(undefined) && budget.fits(characters))).toEqual([
      true,
      true,
      false,
    ]);
    now = 1_000;
    expect(budget.admits(undefined) && budget.fits(1)).toBe(true);
  });
});
