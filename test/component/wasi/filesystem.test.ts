import { describe, expect, it } from 'vitest';
import { FakeStream, textOf, valueOf } from './fake-world.ts';
import { fs, flagsOf, openFlags, follow, call, get, roots, tmpRoot, open, tryOpen, create, read, names } from './filesystem-guest.ts';

describe('preopens', () => {
  it('are the assets, where there are any, and /tmp', () => {
    expect(roots().list.map(([, path]) => path)).toEqual(['/', '/tmp']);
    expect(roots({}).list.map(([, path]) => path)).toEqual(['/tmp']);
    expect(roots({ scratch: null }).list).toEqual([]);
  });

  it('a reset leaves nothing in /tmp', () => {
    const { functions, tmp } = roots();
    create(tmp, 'x');
    functions.reset();
    const again = (functions['get-directories']!() as [object, string][]).find(([, path]) => path === '/tmp')![0];
    expect(names(again)).toEqual([]);
  });

  it('instances share no scratch', () => {
    create(tmpRoot(), 'x');
    expect(names(tmpRoot())).toEqual([]);
  });
});

describe('assets', () => {
  it('are read', () => {
    const { assets } = roots();
    expect(names(assets)).toEqual(['a.txt regular-file', 'data directory']);
    expect(read(open(assets, 'data/deep/b.txt'))).toBe('hello b');
    expect(read(open(assets, 'a.txt'), 6n)).toBe('a');
    expect(get('get-flags', assets)).toEqual(flagsOf('read'));
    expect(get('stat-at', assets, follow(), 'a.txt')).toMatchObject({
      type: { tag: 'regular-file' },
      size: 7n,
      'data-modification-timestamp': undefined,
    });
  });

  it('of a directory the reason is told before anyone reads', () => {
    const { assets } = roots();
    const [stream, outcome] = fs['[method]descriptor.read-via-stream']!(assets, 0n) as [unknown, unknown];
    expect(valueOf(outcome)).toEqual({ tag: 'err', val: { tag: 'is-directory' } });
    expect(textOf(stream)).toBe('');
  });

  it('what a reader gets is not the file', () => {
    const { assets } = roots();
    const [stream] = fs['[method]descriptor.read-via-stream']!(open(assets, 'a.txt'), 0n) as [
      { read(done: (chunk: Uint8Array) => void): void },
    ];
    stream.read((chunk) => chunk.fill(0));
    expect(read(open(assets, 'a.txt'))).toBe('hello a');
  });

  it('are never changed', () => {
    const { assets, tmp } = roots();
    const file = open(assets, 'a.txt');
    expect(tryOpen(assets, 'a.txt', flagsOf('write'))).toBe('read-only');
    expect(tryOpen(assets, 'new', flagsOf(), openFlags('create'))).toBe('read-only');
    expect(tryOpen(assets, 'a.txt', flagsOf(), openFlags('truncate'))).toBe('read-only');
    expect(tryOpen(assets, 'data', flagsOf('mutate-directory'))).toBe('read-only');
    expect(call('unlink-file-at', assets, 'a.txt')).toBe('read-only');
    expect(call('remove-directory-at', assets, 'data')).toBe('read-only');
    expect(call('create-directory-at', assets, 'new')).toBe('read-only');
    expect(call('symlink-at', assets, 'a.txt', 'new')).toBe('read-only');
    expect(call('rename-at', assets, 'a.txt', tmp, 'a.txt')).toBe('read-only');
    expect(call('link-at', assets, follow(), 'a.txt', tmp, 'a.txt')).toBe('cross-device');
    expect(call('set-size', file, 0n)).toBe('bad-descriptor');
    expect(call('set-times', file, { tag: 'now' }, { tag: 'now' })).toBe('read-only');
    expect(call('set-times-at', assets, follow(), 'a.txt', { tag: 'now' }, { tag: 'now' })).toBe('read-only');
    const stream = new FakeStream('x', null);
    expect(valueOf(fs['[method]descriptor.write-via-stream']!(file, stream, 0n))).toEqual({ tag: 'err', val: { tag: 'bad-descriptor' } });
    expect(stream.cancelled).toBe(true);
    expect(read(open(assets, 'a.txt'))).toBe('hello a');
  });
});

describe('paths', () => {
  it.each([
    ['', 'no-entry'],
    ['..', 'not-permitted'],
    ['/', 'not-permitted'],
    ['/etc/passwd', 'not-permitted'],
    ['data/../..', 'not-permitted'],
    ['data/../../a.txt', 'not-permitted'],
    ['nothing', 'no-entry'],
    ['nothing/x', 'no-entry'],
    ['a.txt/x', 'not-directory'],
    ['a.txt/', 'not-directory'],
    ['a.txt/.', 'not-directory'],
    ['a\0b', 'invalid'],
    ['x'.repeat(256), 'name-too-long'],
    ['x/'.repeat(5000), 'name-too-long'],
    ['data/./deep//../../a.txt', 'ok'],
    ['./', 'ok'],
  ])('stat-at(%j) is %s', (path, answer) => {
    expect(call('stat-at', roots().assets, follow(), path)).toBe(answer);
  });

  it('from a file lead nowhere', () => {
    const file = open(roots().assets, 'a.txt');
    expect(call('stat-at', file, follow(), '.')).toBe('not-directory');
    expect(call('stat-at', file, follow(), 'z.txt')).toBe('not-directory');
  });

  it('never leave a directory that was opened', () => {
    const tmp = tmpRoot();
    create(tmp, 'x');
    get('create-directory-at', tmp, 'child');
    const child = open(tmp, 'child', flagsOf('mutate-directory'), openFlags('directory'));
    expect(tryOpen(child, '../x')).toBe('not-permitted');
    expect(call('create-directory-at', child, '../z')).toBe('not-permitted');
    expect(call('rename-at', child, '../x', child, 'x')).toBe('not-permitted');
  });

  it('follow symbolic links, but not out', () => {
    const tmp = tmpRoot();
    create(tmp, 'x', 'content');
    get('create-directory-at', tmp, 'dir');
    get('symlink-at', tmp, '../x', 'dir/up');
    get('symlink-at', tmp, '..', 'parent');
    get('symlink-at', tmp, 'loop2', 'loop1');
    get('symlink-at', tmp, 'loop1', 'loop2');
    expect(read(open(tmp, 'dir/up', flagsOf('read'), openFlags(), follow(true)))).toBe('content');
    expect(tryOpen(open(tmp, 'dir'), 'up', flagsOf('read'), openFlags(), follow(true))).toBe('not-permitted');
    expect(tryOpen(tmp, 'parent', flagsOf('read'), openFlags(), follow(true))).toBe('not-permitted');
    expect(tryOpen(tmp, 'parent/x')).toBe('not-permitted');
    expect(tryOpen(tmp, 'loop1', flagsOf('read'), openFlags(), follow(true))).toBe('loop');
    expect(tryOpen(tmp, 'dir/up')).toBe('loop');
    expect(get('readlink-at', tmp, 'dir/up')).toBe('../x');
    expect(call('readlink-at', tmp, 'x')).toBe('invalid');
    expect(call('symlink-at', tmp, '/etc', 'abs')).toBe('not-permitted');
    expect(call('symlink-at', tmp, 'x', 'x')).toBe('exist');
    expect(get('stat-at', tmp, follow(), 'dir/up')).toMatchObject({ type: { tag: 'symbolic-link' }, size: 4n });
    expect(names(open(tmp, 'dir'))).toEqual(['up symbolic-link']);
  });
});

describe('open-at', () => {
  it.each([
    [openFlags('create', 'exclusive'), flagsOf(), ['read', 'write']],
    [openFlags('create'), flagsOf('read'), ['read', 'write']],
    [openFlags('create'), flagsOf('write'), ['write']],
    [openFlags('create'), flagsOf('read', 'write', 'mutate-directory'), ['read', 'write']],
  ])('creates with %j and %j', (how, flags, has) => {
    expect(get('get-flags', open(tmpRoot(), 'new', flags, how))).toEqual(flagsOf(...has));
  });

  it.each([
    ['x', openFlags(), flagsOf(), ['read']],
    ['x', openFlags('exclusive'), flagsOf(), ['read']],
    ['x', openFlags(), flagsOf('write'), ['write']],
    ['.', openFlags(), flagsOf(), ['read']],
    ['.', openFlags('directory'), flagsOf('mutate-directory'), ['read', 'mutate-directory']],
  ])('opens %s with %j and %j', (path, how, flags, has) => {
    const tmp = tmpRoot();
    create(tmp, 'x');
    expect(get('get-flags', open(tmp, path, flags, how))).toEqual(flagsOf(...has));
  });

  it.each([
    ['x', openFlags('create', 'exclusive'), flagsOf('read'), 'exist'],
    ['x', openFlags('directory'), flagsOf('read'), 'not-directory'],
    ['d', openFlags(), flagsOf('write'), 'is-directory'],
    ['d', openFlags('truncate'), flagsOf('read'), 'is-directory'],
    ['d', openFlags('create'), flagsOf('read'), 'is-directory'],
    ['new/', openFlags('create'), flagsOf('read'), 'is-directory'],
    ['no/new', openFlags('create'), flagsOf('read'), 'no-entry'],
  ])('refuses %s with %j and %j: %s', (path, how, flags, answer) => {
    const tmp = tmpRoot();
    create(tmp, 'x');
    get('create-directory-at', tmp, 'd');
    expect(tryOpen(tmp, path, flags, how)).toBe(answer);
  });
});
