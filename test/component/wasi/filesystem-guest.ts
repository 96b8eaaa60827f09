import { expect } from 'vitest';
import { preopens } from '../../../host/component/wasi/filesystem/preopens.ts';
import { filesystemTypes3 } from '../../../host/component/wasi/filesystem/types-0.3.ts';
import type { HostSettings } from '../../../host/component/wasi/settings.ts';
import { bytes, FakeStream, fakeWorld, functionsOf, textOf, valueOf } from './fake-world.ts';

export const OK = { tag: 'ok', val: undefined };
export const ASSETS = new Map([
  ['a.txt', bytes('hello a')],
  ['data/deep/b.txt', bytes('hello b')],
  ['../escape.txt', bytes('no')],
]);
export const fs = functionsOf(filesystemTypes3);
export const flagsOf = (...names: string[]) =>
  Object.fromEntries(
    ['read', 'write', 'file-integrity-sync', 'data-integrity-sync', 'requested-write-sync', 'mutate-directory'].map((name) => [
      name,
      names.includes(name),
    ]),
  );
export const openFlags = (...names: string[]) =>
  Object.fromEntries(['create', 'directory', 'exclusive', 'truncate'].map((name) => [name, names.includes(name)]));
export const follow = (yes = false) => ({ 'symlink-follow': yes });

export type Result = { tag: 'ok'; val: unknown } | { tag: 'err'; val: { tag: string } };

/** `ok`, or the error's name. */
export const call = (name: string, ...args: unknown[]): string => {
  const result = fs[`[method]descriptor.${name}`]!(...args) as Result;
  return result.tag === 'ok' ? 'ok' : result.val.tag;
};
export const get = (name: string, ...args: unknown[]): unknown => {
  const result = fs[`[method]descriptor.${name}`]!(...args) as Result;
  if (result.tag === 'err') throw new Error(`${name}: ${result.val.tag}`);
  return result.val;
};

export function roots(settings: Partial<HostSettings> = { assets: ASSETS }) {
  const functions = functionsOf(preopens, { world: fakeWorld(), settings });
  const list = functions['get-directories']!() as [object, string][];
  return { functions, list, assets: list.find(([, path]) => path === '/')?.[0], tmp: list.find(([, path]) => path === '/tmp')?.[0] };
}

export const tmpRoot = () => roots().tmp!;
export const open = (base: unknown, path: string, flags = flagsOf('read'), how = openFlags(), links = follow()) =>
  get('open-at', base, links, path, how, flags);
export const tryOpen = (base: unknown, path: string, flags = flagsOf('read'), how = openFlags(), links = follow()) =>
  call('open-at', base, links, path, how, flags);
export const create = (base: unknown, path: string, content = '') => {
  const file = open(base, path, flagsOf('read', 'write'), openFlags('create', 'exclusive'));
  if (content !== '') expect(write(file, content)).toEqual(OK);
  return file;
};
export const write = (file: unknown, content: string, at = 0n) =>
  valueOf(fs['[method]descriptor.write-via-stream']!(file, new FakeStream(content, null), at));
export const append = (file: unknown, content: string) =>
  valueOf(fs['[method]descriptor.append-via-stream']!(file, new FakeStream(content, null)));
export const read = (file: unknown, at = 0n) => {
  const [stream, result] = fs['[method]descriptor.read-via-stream']!(file, at) as [unknown, unknown];
  const text = textOf(stream);
  const outcome = valueOf(result) as Result;
  return outcome.tag === 'ok' ? text : outcome.val.tag;
};
export const names = (directory: unknown) => {
  const [stream, result] = fs['[method]descriptor.read-directory']!(directory) as [{ read(done: (chunk: unknown) => void): void }, unknown];
  const found: string[] = [];
  stream.read((entries) => {
    for (const { name, type } of (entries ?? []) as { name: string; type: { tag: string } }[]) found.push(`${name} ${type.tag}`);
  });
  expect(valueOf(result)).toEqual(OK);
  return found.sort();
};
export const size = (file: unknown) => (get('stat', file) as { size: bigint }).size;
