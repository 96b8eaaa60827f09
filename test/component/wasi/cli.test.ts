import { describe, expect, it } from 'vitest';
import { environment2, environment3 } from '../../../host/component/wasi/cli/environment.ts';
import { exit, Exit } from '../../../host/component/wasi/cli/exit.ts';
import { stderr, stdin, stdout } from '../../../host/component/wasi/cli/stdio-0.3.ts';
import * as terminals from '../../../host/component/wasi/cli/terminal.ts';
import { bytes, FakeStream, fakeWorld, functionsOf, NO_INVOCATION, textOf, valueOf } from './fake-world.ts';

const OK = { tag: 'ok', val: undefined };

describe('wasi:cli', () => {
  it('the environment is the vars, whenever it is asked for', () => {
    const options = { world: NO_INVOCATION, settings: { vars: { A: '1', B: '' }, args: ['main', '-x'] } };
    expect(functionsOf(environment2, options)['get-environment']!()).toEqual([
      ['A', '1'],
      ['B', ''],
    ]);
    expect(functionsOf(environment3, options)['get-arguments']!()).toEqual(['main', '-x']);
    expect(functionsOf(environment2, options)['initial-cwd']!()).toBeUndefined();
    expect(functionsOf(environment3, options)['get-initial-cwd']!()).toBeUndefined();
  });

  it.each([
    ['exit', { tag: 'ok' }, 0],
    ['exit', { tag: 'err' }, 1],
    ['exit-with-code', 7, 7],
  ])('%s(%j) ends the instance with the code %i', (name, status, code) => {
    let thrown: unknown;
    try {
      functionsOf(exit)[name]!(status);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Exit);
    expect((thrown as Exit).code).toBe(code);
  });

  it('there is no terminal', () => {
    expect(functionsOf(terminals.terminalStdin)['get-terminal-stdin']!()).toBeUndefined();
    expect(functionsOf(terminals.terminalStdout)['get-terminal-stdout']!()).toBeUndefined();
    expect(functionsOf(terminals.terminalStderr)['get-terminal-stderr']!()).toBeUndefined();
  });

  it('stdin is empty', () => {
    const [stream, result] = functionsOf(stdin)['read-via-stream']!() as [unknown, unknown];
    expect(textOf(stream)).toBe('');
    expect(valueOf(result)).toEqual(OK);
  });
});

describe('stdout and stderr of 0.3', () => {
  it('are lines of the log; the last needs no newline', () => {
    const world = fakeWorld();
    const result = functionsOf(stdout, { world })['write-via-stream']!(new FakeStream('one\r\ntw', 'o\n\nthr', 'ee', null));
    functionsOf(stderr, { world })['write-via-stream']!(new FakeStream('bad\n', null));
    expect(world.logged).toEqual(['info one', 'info two', 'info ', 'info three', 'error bad']);
    expect(valueOf(result)).toEqual(OK);
  });

  it('go to the log of the invocation that passed the stream, whoever runs when it is written', () => {
    const first = fakeWorld();
    const second = fakeWorld();
    const world = { invocation: first.invocation };
    const stream = new FakeStream();
    functionsOf(stdout, { world })['write-via-stream']!(stream);
    world.invocation = second.invocation;
    stream.write('mine\n');
    expect([first.logged, second.logged]).toEqual([['info mine'], []]);
  });

  it('come before the invocation ends, though the stream is still open', () => {
    const world = fakeWorld();
    const functions = functionsOf(stdout, { world });
    const stream = new FakeStream('part');
    functions['write-via-stream']!(stream);
    expect(world.logged).toEqual([]);
    functions.idle();
    functions.idle();
    expect(world.logged).toEqual(['info part']);
  });

  it('cut a line that has no end, between characters', () => {
    const world = fakeWorld();
    functionsOf(stdout, { world })['write-via-stream']!(new FakeStream('x'.repeat(16_382), '€'.repeat(10_000), '\nnext\n', null));
    const lines = world.logged.map((line) => line.slice('info '.length));
    expect(lines.slice(0, -1).join('')).toBe('x'.repeat(16_382) + '€'.repeat(10_000));
    expect(lines.every((line) => bytes(line).length <= 16_384)).toBe(true);
    expect(lines.at(-1)).toBe('next');
  });

  it('a line of exactly the longest length is not followed by an empty one', () => {
    const world = fakeWorld();
    functionsOf(stdout, { world })['write-via-stream']!(new FakeStream('x'.repeat(16_384), '\ny\n', null));
    expect(world.logged.map((line) => line.length - 5)).toEqual([16_384, 1]);
  });

  it('are dropped where there is no log', () => {
    const result = functionsOf(stdout, { world: NO_INVOCATION })['write-via-stream']!(new FakeStream('a\n', null));
    expect(valueOf(result)).toEqual(OK);
  });
});
