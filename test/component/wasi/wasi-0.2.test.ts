import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as clocks from '../../../host/component/wasi/clocks/clocks-0.2.ts';
import * as stdio from '../../../host/component/wasi/cli/stdio-0.2.ts';
import { preopens } from '../../../host/component/wasi/filesystem/preopens.ts';
import { filesystemTypes2 } from '../../../host/component/wasi/filesystem/types-0.2.ts';
import type { IoError } from '../../../host/component/wasi/io/error.ts';
import type { InputStream } from '../../../host/component/wasi/io/input-stream.ts';
import type { OutputStream } from '../../../host/component/wasi/io/output-stream.ts';
import { poll } from '../../../host/component/wasi/io/poll.ts';
import { bytes, fakeWorld, functionsOf } from './fake-world.ts';

const ok = (val?: unknown) => ({ tag: 'ok', val });
const err = (val: unknown) => ({ tag: 'err', val });

describe('wasi:clocks@0.2', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
  afterEach(() => void vi.useRealTimers());
  const clock = functionsOf(clocks.monotonicClock);
  const io = functionsOf(poll);
  const ready = (pollable: unknown) => io['[method]pollable.ready']!(pollable);

  it('a duration is ready when it is over, and leaves no timer', async () => {
    const short = clock['subscribe-duration']!(2_000_000n);
    const long = clock['subscribe-duration']!(9_000_000_000n);
    expect([ready(short), ready(long), ready(clock['subscribe-instant']!(0n))]).toEqual([false, false, true]);
    const polled = io['poll']!([long, short]);
    await vi.advanceTimersByTimeAsync(2);
    expect(await polled).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wall clock and time zone', () => {
    vi.setSystemTime(1_700_000_000_123);
    expect(functionsOf(clocks.wallClock)['now']!()).toEqual({ seconds: 1_700_000_000n, nanoseconds: 123_000_000 });
    expect(functionsOf(clocks.wallClock)['resolution']!()).toEqual({ seconds: 0n, nanoseconds: 1_000_000 });
    expect(functionsOf(clocks.timezoneClock)['display']!({ seconds: 0n, nanoseconds: 0 })).toMatchObject({ name: 'UTC' });
  });
});

describe('stdio of 0.2', () => {
  it('stdin is at its end', () => {
    const stream = functionsOf(stdio.stdin)['get-stdin']!() as InputStream;
    expect(stream.read(10n)).toEqual(err({ tag: 'closed' }));
  });

  it('stdout and stderr are lines of the log, a partial one when the guest is done', () => {
    const world = fakeWorld();
    const out = functionsOf(stdio.stdout, { world });
    const stream = out['get-stdout']!() as OutputStream;
    const again = out['get-stdout']!() as OutputStream;
    void stream.blockingWriteAndFlush(bytes('one\ntw'));
    void again.blockingWriteAndFlush(bytes('o'));
    void (functionsOf(stdio.stderr, { world })['get-stderr']!() as OutputStream).blockingWriteAndFlush(bytes('bad\n'));
    expect(world.logged).toEqual(['info one', 'error bad']);
    out.idle();
    expect(world.logged).toEqual(['info one', 'error bad', 'info two']);
  });

  it('what is written while the component is instantiated is in the first log', () => {
    const world = fakeWorld();
    let serving = false;
    const early = {
      get invocation() {
        if (!serving) throw new Error('No request is served.');
        return world.invocation;
      },
    };
    const stream = functionsOf(stdio.stdout, { world: early })['get-stdout']!() as OutputStream;
    for (let line = 0; line < 1000; line += 1) void stream.blockingWriteAndFlush(bytes(`early ${line}\n`));
    serving = true;
    void stream.blockingWriteAndFlush(bytes('late\n'));
    expect(world.logged.length).toBe(65);
    expect([world.logged[0], world.logged.at(-1)]).toEqual(['info early 0', 'info late']);
  });

  it('a reset drops what has no end', () => {
    const world = fakeWorld();
    const out = functionsOf(stdio.stdout, { world });
    const stream = out['get-stdout']!() as OutputStream;
    void stream.blockingWriteAndFlush(bytes('secret of another request'));
    out.reset();
    void stream.blockingWriteAndFlush(bytes('mine\n'));
    expect(world.logged).toEqual(['info mine']);
  });
});

describe('wasi:filesystem@0.2', () => {
  const fs = functionsOf(filesystemTypes2);
  const call = (name: string, ...args: unknown[]) => fs[`[method]descriptor.${name}`]!(...args) as { tag: string; val: unknown };
  const flags = (...names: string[]) =>
    Object.fromEntries(['read', 'write', 'mutate-directory'].map((name) => [name, names.includes(name)]));
  const how = (...names: string[]) =>
    Object.fromEntries(['create', 'directory', 'exclusive', 'truncate'].map((name) => [name, names.includes(name)]));
  const noFollow = { 'symlink-follow': false };

  function tmp(limit = 1_000_000): unknown {
    const settings = { scratch: { bytes: limit, entries: 10 } };
    return (functionsOf(preopens, { settings })['get-directories']!() as [unknown, string][])[0]![0];
  }

  function create(base: unknown, name: string): unknown {
    return call('open-at', base, noFollow, name, how('create'), flags('read', 'write')).val;
  }

  it('names errors and types as an enum does', () => {
    const base = tmp();
    expect(call('stat-at', base, noFollow, 'none')).toEqual(err('no-entry'));
    expect(call('stat-at', base, noFollow, '../x')).toEqual(err('not-permitted'));
    expect(call('get-type', base)).toEqual(ok('directory'));
    expect(call('stat', create(base, 'a'))).toMatchObject(ok({ type: 'regular-file', size: 0n }));
  });

  it('reads and writes at offsets', () => {
    const file = create(tmp(), 'a');
    expect(call('write', file, bytes('content'), 0n)).toEqual(ok(7n));
    expect(call('read', file, 3n, 0n)).toEqual(ok([bytes('con'), false]));
    expect(call('read', file, 100n, 3n)).toEqual(ok([bytes('tent'), true]));
    expect(call('read', file, 100n, 7n)).toEqual(ok([bytes(''), true]));
    expect(call('read', file, 100n, 2n ** 64n - 1n)).toEqual(err('invalid'));
  });

  it('streams a file in and out', async () => {
    const file = create(tmp(), 'a');
    const text = 'x'.repeat(4096);
    const out = call('write-via-stream', file, 0n).val as OutputStream;
    for (let times = 0; times < 40; times += 1) expect(await out.blockingWriteAndFlush(bytes(text))).toEqual(ok());
    const end = call('append-via-stream', file).val as OutputStream;
    await end.blockingWriteAndFlush(bytes('end'));
    const input = call('read-via-stream', file, 4000n).val as InputStream;
    let all = '';
    for (;;) {
      const read = await input.blockingRead(100_000n);
      if (read.tag === 'err') {
        expect(read.val).toEqual({ tag: 'closed' });
        break;
      }
      all += new TextDecoder().decode(read.val);
    }
    expect(all).toBe('x'.repeat(40 * 4096 - 4000) + 'end');
  });

  it('a stream that fails says why', async () => {
    const file = create(tmp(10), 'a');
    const out = call('write-via-stream', file, 0n).val as OutputStream;
    const failed = (await out.blockingWriteAndFlush(bytes('more than ten bytes'))) as { val: { tag: string; val: IoError } };
    expect(failed.val.tag).toBe('last-operation-failed');
    expect(fs['filesystem-error-code']!(failed.val.val)).toBe('file-too-large');
    expect(await out.blockingWriteAndFlush(bytes('x'))).toEqual(err({ tag: 'closed' }));
    expect(fs['filesystem-error-code']!({ cause: new Error('other') })).toBeUndefined();
  });

  it('gives directory entries one by one', () => {
    const base = tmp();
    create(base, 'a');
    call('create-directory-at', base, 'b');
    const entries = call('read-directory', base).val;
    create(base, 'c');
    const next = () => fs['[method]directory-entry-stream.read-directory-entry']!(entries);
    expect([next(), next(), next()]).toEqual([ok({ type: 'regular-file', name: 'a' }), ok({ type: 'directory', name: 'b' }), ok()]);
    expect(call('read-directory', create(base, 'a'))).toEqual(err('not-directory'));
  });

  it('streams are refused where the descriptor does not allow them', () => {
    const base = tmp();
    create(base, 'a');
    const readOnly = call('open-at', base, noFollow, 'a', how(), flags('read')).val;
    expect(call('write-via-stream', readOnly, 0n)).toEqual(err('bad-descriptor'));
    expect(call('append-via-stream', readOnly)).toEqual(err('bad-descriptor'));
    expect(call('read-via-stream', base, 0n)).toEqual(err('is-directory'));
  });
});
