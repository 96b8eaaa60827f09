import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { captureConsole, MAX_LINES } from '../../host/cell/console.ts';
import { Running } from '../../host/cell/invocation.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const REQUEST = '00f067aa0ba902b7';

describe('captureConsole()', () => {
  let written: [level: string, message: string, requestId: string | null][];
  let storage: AsyncLocalStorage<Running>;
  let target: Console;
  beforeEach(() => {
    written = [];
    storage = new AsyncLocalStorage();
    target = {} as Console;
    captureConsole(target, storage, (...line) => written.push(line));
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

  it('stops at so many lines of one invocation, says so once, and lets others write', () => {
    storage.run(new Running(TRACEPARENT), () => {
      for (let index = 0; index < MAX_LINES + 50; index++) target.log(index);
    });
    expect(written).toHaveLength(MAX_LINES + 1);
    expect(written.at(-2)![1]).toBe(String(MAX_LINES - 1));
    expect(written.at(-1)).toEqual(['warn', expect.stringContaining('left out'), REQUEST]);
    storage.run(new Running(TRACEPARENT), () => target.log('next'));
    expect(written.at(-1)![1]).toBe('next');
  });
});
