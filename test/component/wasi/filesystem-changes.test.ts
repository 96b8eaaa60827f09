import { describe, expect, it } from 'vitest';
import { FakeStream, textOf, valueOf } from './fake-world.ts';
import {
  OK,
  fs,
  flagsOf,
  openFlags,
  follow,
  call,
  get,
  roots,
  tmpRoot,
  open,
  tryOpen,
  create,
  write,
  append,
  read,
  names,
  size,
} from './filesystem-guest.ts';

describe('files', () => {
  it('are written, appended to, and read from any offset', () => {
    const tmp = tmpRoot();
    const file = create(tmp, 'c', 'hello!');
    write(file, 'byeee');
    expect(read(file)).toBe('byeee!');
    expect(append(file, ' laters')).toEqual(OK);
    expect(read(open(tmp, 'c'), 5n)).toBe('! laters');
    expect(write(file, 'z', 15n)).toEqual(OK);
    expect(read(file, 12n)).toBe('s\0\0z');
    expect([read(file, 16n), read(file, 99n), read(file, 2n ** 64n - 1n)]).toEqual(['', '', 'invalid']);
  });

  it('larger than a chunk come whole', () => {
    const file = create(tmpRoot(), 'big', 'x'.repeat(200_000));
    expect(read(file).length).toBe(200_000);
  });

  it('change their size', () => {
    const tmp = tmpRoot();
    const file = create(tmp, 'c', 'abcdef');
    get('set-size', file, 2n);
    get('set-size', file, 4n);
    expect(read(file)).toBe('ab\0\0');
    expect(call('set-size', open(tmp, 'c'), 1n)).toBe('bad-descriptor');
    expect(call('set-size', file, 2n ** 64n - 1n)).toBe('invalid');
    expect(call('set-size', file, 2n ** 40n)).toBe('file-too-large');
    open(tmp, 'c', flagsOf('read', 'write'), openFlags('truncate'));
    expect(size(file)).toBe(0n);
  });

  it('are not read as directories, nor directories as files', () => {
    const tmp = tmpRoot();
    expect(read(tmp)).toBe('is-directory');
    expect(write(tmp, 'x')).toEqual({ tag: 'err', val: { tag: 'is-directory' } });
    expect(call('advise', tmp, 0n, 0n, 'normal')).toBe('bad-descriptor');
    const [, result] = fs['[method]descriptor.read-directory']!(create(tmp, 'x')) as [unknown, unknown];
    expect(valueOf(result)).toEqual({ tag: 'err', val: { tag: 'not-directory' } });
  });

  it('live on without a name while they are open, and then give their room back', () => {
    const { tmp } = roots({ scratch: { bytes: 100, entries: 10 } });
    const file = create(tmp, 'c', 'x'.repeat(80)) as Disposable;
    get('unlink-file-at', tmp, 'c');
    expect(read(file).length).toBe(80);
    const other = create(tmp, 'd');
    expect(write(other, 'y'.repeat(50))).toEqual({ tag: 'err', val: { tag: 'insufficient-space' } });
    file[Symbol.dispose]();
    file[Symbol.dispose]();
    expect(write(other, 'y'.repeat(100))).toEqual(OK);
  });

  it('a stream goes on though its descriptor is dropped', () => {
    const tmp = tmpRoot();
    const file = create(tmp, 'c', 'content') as Disposable;
    const [stream] = fs['[method]descriptor.read-via-stream']!(file, 0n) as [unknown];
    file[Symbol.dispose]();
    get('unlink-file-at', tmp, 'c');
    expect(textOf(stream)).toBe('content');
  });

  it('stop at the limits', () => {
    const { tmp } = roots({ scratch: { bytes: 10, entries: 3 } });
    const file = create(tmp, '1');
    const stream = new FakeStream('12345', '6789ab', 'never read');
    expect(valueOf(fs['[method]descriptor.write-via-stream']!(file, stream, 0n))).toEqual({ tag: 'err', val: { tag: 'file-too-large' } });
    expect(stream.cancelled).toBe(true);
    expect(read(file)).toBe('12345');
    create(tmp, '2');
    get('symlink-at', tmp, '1', '3');
    expect(call('create-directory-at', tmp, '4')).toBe('insufficient-space');
    get('unlink-file-at', tmp, '2');
    expect(call('create-directory-at', tmp, '4')).toBe('ok');
  });
});

describe('directories', () => {
  it('are made and removed', () => {
    const tmp = tmpRoot();
    create(tmp, 'x');
    for (const [path, answer] of [
      ['', 'no-entry'],
      ['.', 'exist'],
      ['..', 'not-permitted'],
      ['x', 'exist'],
      ['q/', 'ok'],
      ['q/r', 'ok'],
    ])
      expect(call('create-directory-at', tmp, path), path).toBe(answer);
    for (const [path, answer] of [
      ['', 'no-entry'],
      ['.', 'invalid'],
      ['..', 'not-permitted'],
      ['x', 'not-directory'],
      ['z', 'no-entry'],
      ['q', 'not-empty'],
      ['q/../../q', 'not-permitted'],
      ['q/r', 'ok'],
      ['q/', 'ok'],
    ])
      expect(call('remove-directory-at', tmp, path), path).toBe(answer);
  });

  it('take nothing once they are removed', () => {
    const tmp = tmpRoot();
    get('create-directory-at', tmp, 'd');
    const directory = open(tmp, 'd', flagsOf('mutate-directory'));
    get('remove-directory-at', tmp, 'd');
    expect(tryOpen(directory, 'x', flagsOf('write'), openFlags('create'))).toBe('no-entry');
  });

  it('unlink-file-at() is for files', () => {
    const tmp = tmpRoot();
    get('create-directory-at', tmp, 'd');
    for (const [path, answer] of [
      ['', 'no-entry'],
      ['.', 'is-directory'],
      ['../', 'not-permitted'],
      ['d', 'is-directory'],
      ['z', 'no-entry'],
    ])
      expect(call('unlink-file-at', tmp, path), path).toBe(answer);
  });
});

describe('rename-at', () => {
  it('moves, replaces, and leaves as it is what is moved onto itself', () => {
    const tmp = tmpRoot();
    create(tmp, 'a', 'content a');
    create(tmp, 'b', 'content b');
    get('create-directory-at', tmp, 'd');
    const directory = open(tmp, 'd', flagsOf('mutate-directory'));
    get('rename-at', tmp, 'a', tmp, 'a');
    get('rename-at', tmp, 'a', tmp, 'b');
    expect(call('rename-at', tmp, 'a', tmp, 'a')).toBe('no-entry');
    get('rename-at', tmp, 'b', directory, 'c');
    expect(names(tmp)).toEqual(['d directory']);
    expect(read(open(directory, 'c'))).toBe('content a');
  });

  it.each([
    ['.', 'q', 'busy'],
    ['x', '.', 'busy'],
    ['x', '../q', 'not-permitted'],
    ['x', '/tmp/q', 'not-permitted'],
    ['x', 'd', 'is-directory'],
    ['x', 'new/', 'not-directory'],
    ['d', 'x', 'not-directory'],
    ['d', 'd/inside', 'invalid'],
    ['d', 'full', 'not-empty'],
    ['d', 'empty', 'ok'],
    ['full', 'full/d/deeper', 'invalid'],
  ])('%s to %s: %s', (from, to, answer) => {
    const tmp = tmpRoot();
    create(tmp, 'x');
    for (const path of ['d', 'empty', 'full', 'full/d']) get('create-directory-at', tmp, path);
    expect(call('rename-at', tmp, from, tmp, to)).toBe(answer);
  });
});

describe('link-at', () => {
  it('gives a file one more name', () => {
    const tmp = tmpRoot();
    const file = create(tmp, 'a', 'content');
    get('link-at', tmp, follow(), 'a', tmp, 'b');
    expect(get('stat', file)).toMatchObject({ 'link-count': 2n });
    expect(fs['[method]descriptor.is-same-object']!(file, open(tmp, 'b'))).toBe(true);
    expect(fs['[method]descriptor.is-same-object']!(file, tmp)).toBe(false);
    get('unlink-file-at', tmp, 'a');
    expect(read(open(tmp, 'b'))).toBe('content');
  });

  it.each([
    ['.', 'foo', 'not-permitted'],
    ['', 'foo', 'no-entry'],
    ['a', '', 'no-entry'],
    ['a', 'a', 'exist'],
    ['a', '..', 'not-permitted'],
    ['d', 'e', 'not-permitted'],
  ])('%j to %j: %s', (from, to, answer) => {
    const tmp = tmpRoot();
    create(tmp, 'a');
    get('create-directory-at', tmp, 'd');
    expect(call('link-at', tmp, follow(), from, tmp, to)).toBe(answer);
  });
});

describe('metadata', () => {
  it('times are set', () => {
    const tmp = tmpRoot();
    const file = create(tmp, 'a');
    const time = (seconds: bigint) => ({ tag: 'timestamp', val: { seconds, nanoseconds: 5 } });
    get('set-times-at', tmp, follow(), 'a', time(42n), time(69n));
    get('set-times', file, { tag: 'no-change' }, time(70n));
    expect(get('stat', file)).toMatchObject({
      'data-access-timestamp': { seconds: 42n, nanoseconds: 5 },
      'data-modification-timestamp': { seconds: 70n, nanoseconds: 5 },
    });
  });

  it('the hash changes with what it stands for', () => {
    const tmp = tmpRoot();
    const file = create(tmp, 'a');
    const before = get('metadata-hash', file);
    expect(get('metadata-hash-at', tmp, follow(), 'a')).toEqual(before);
    expect(get('metadata-hash', create(tmp, 'b'))).not.toEqual(before);
    write(file, 'x');
    expect(get('metadata-hash', file)).not.toEqual(before);
  });
});
