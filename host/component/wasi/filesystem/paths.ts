import { ok, OK, type Ok, type Result } from '../values/result.ts';
import { Descriptor, setTimes, type DescriptorFlags, type NewTimestamp } from './descriptor.ts';
import { fail, type FsCode } from './errors.ts';
import type { DirectoryNode, Node } from './nodes.ts';
import { resolve, type Place } from './resolve.ts';

export interface PathFlags {
  readonly 'symlink-follow': boolean;
}

export interface OpenFlags {
  readonly create: boolean;
  readonly directory: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

/** What is at a path. */
export function lookUp(base: Descriptor, { 'symlink-follow': follow }: PathFlags, path: string): Result<Node, FsCode> {
  const directory = base.directory();
  if (directory.tag === 'err') return directory;
  const place = resolve(directory.val, path, follow);
  return place.tag === 'err' ? place : nodeAt(place.val);
}

export function openAt(
  base: Descriptor,
  path: string,
  how: { path: PathFlags; open: OpenFlags; flags: DescriptorFlags },
): Result<Descriptor, FsCode> {
  const { open, flags } = how;
  const changes = flags.write || flags['mutate-directory'] || open.truncate || open.create;
  const directory = base.directory();
  if (directory.tag === 'err') return directory;
  const found = resolve(directory.val, path, how.path['symlink-follow']);
  if (found.tag === 'err') return found;
  if (changes) {
    const mutable = base.mutable();
    if (mutable.tag === 'err') return mutable;
  }
  const { node, name, slash } = found.val;
  if (node === undefined) {
    if (!open.create) return fail('no-entry');
    if (open.directory || slash) return fail(slash ? 'is-directory' : 'invalid');
    const created = base.volume.createFile(found.val.directory, name!);
    return created.tag === 'err' ? created : ok(new Descriptor(base.volume, created.val, accessOf(flags, true)));
  }
  if (open.create && open.exclusive) return fail('exist');
  if (node.kind === 'directory') return openDirectory(base, node, open, flags);
  if (open.directory || slash) return fail('not-directory');
  if (node.kind === 'symbolic-link') return fail('loop');
  if (open.truncate) {
    const truncated = base.volume.resize(node, 0);
    if (truncated.tag === 'err') return truncated;
  }
  return ok(new Descriptor(base.volume, node, accessOf(flags, open.create)));
}

export function createDirectoryAt(base: Descriptor, path: string): Result<undefined, FsCode> {
  const place = placeToChange(base, path);
  if (place.tag === 'err') return place;
  const { directory, name, node } = place.val;
  if (node !== undefined) return fail('exist');
  const created = base.volume.createDirectory(directory, name!);
  return created.tag === 'err' ? created : OK;
}

export function symlinkAt(base: Descriptor, target: string, path: string): Result<undefined, FsCode> {
  if (target === '') return fail('no-entry');
  if (target.startsWith('/')) return fail('not-permitted');
  if (target.length > 4096) return fail('name-too-long');
  const place = placeToChange(base, path);
  if (place.tag === 'err') return place;
  const { directory, name, node, slash } = place.val;
  if (node !== undefined) return fail('exist');
  if (slash) return fail('no-entry');
  const created = base.volume.createLink(directory, name!, target);
  return created.tag === 'err' ? created : OK;
}

export function readlinkAt(base: Descriptor, path: string): Result<string, FsCode> {
  const node = lookUp(base, NO_FOLLOW, path);
  if (node.tag === 'err') return node;
  return node.val.kind === 'symbolic-link' ? ok(node.val.target) : fail('invalid');
}

export function linkAt(base: Descriptor, flags: PathFlags, path: string, to: Descriptor, newPath: string): Result<undefined, FsCode> {
  const node = lookUp(base, flags, path);
  if (node.tag === 'err') return node;
  const place = placeToChange(to, newPath);
  if (place.tag === 'err') return place;
  if (base.volume !== to.volume) return fail('cross-device');
  if (node.val.kind === 'directory') return fail('not-permitted');
  if (place.val.node !== undefined) return fail('exist');
  if (place.val.slash) return fail('no-entry');
  return to.volume.link(place.val.directory, place.val.name!, node.val);
}

export function unlinkFileAt(base: Descriptor, path: string): Result<undefined, FsCode> {
  const place = placeToRemove(base, path);
  if (place.tag === 'err') return place;
  const { directory, name, node, slash } = place.val;
  if (node.kind === 'directory') return fail('is-directory');
  if (slash) return fail('not-directory');
  base.volume.unlink(directory, name!);
  return OK;
}

export function removeDirectoryAt(base: Descriptor, path: string): Result<undefined, FsCode> {
  const place = placeToRemove(base, path);
  if (place.tag === 'err') return place;
  const { directory, name, node } = place.val;
  if (node.kind !== 'directory') return fail('not-directory');
  if (name === null) return fail('invalid');
  if (node.entries.size > 0) return fail('not-empty');
  base.volume.unlink(directory, name);
  return OK;
}

export function renameAt(base: Descriptor, path: string, to: Descriptor, newPath: string): Result<undefined, FsCode> {
  const from = placeToRemove(base, path);
  if (from.tag === 'err') return from;
  const place = placeToChange(to, newPath);
  if (place.tag === 'err') return place;
  if (base.volume !== to.volume) return fail('cross-device');
  const { node, name, directory } = from.val;
  const { node: old, name: newName, directory: newDirectory } = place.val;
  if (name === null || newName === null) return fail('busy');
  if (node === old) return OK;
  if (node.kind === 'directory') {
    if (old !== undefined && old.kind !== 'directory') return fail('not-directory');
    if (old !== undefined && old.entries.size > 0) return fail('not-empty');
    if (isWithin(newDirectory, node)) return fail('invalid');
  } else {
    if (old?.kind === 'directory') return fail('is-directory');
    if (from.val.slash || place.val.slash) return fail('not-directory');
  }
  if (newDirectory.links === 0) return fail('no-entry');
  base.volume.move(directory, name, newDirectory, newName);
  return OK;
}

export function setTimesAt(
  base: Descriptor,
  flags: PathFlags,
  path: string,
  accessed: NewTimestamp,
  modified: NewTimestamp,
): Result<undefined, FsCode> {
  const node = lookUp(base, flags, path);
  if (node.tag === 'err') return node;
  const mutable = base.mutable();
  if (mutable.tag === 'err') return mutable;
  setTimes(node.val, accessed, modified);
  return OK;
}

const NO_FOLLOW: PathFlags = { 'symlink-follow': false };

function nodeAt({ node, slash }: Place): Result<Node, FsCode> {
  if (node === undefined) return fail('no-entry');
  return slash && node.kind !== 'directory' ? fail('not-directory') : ok(node);
}

/** Where a name is to be made or replaced. That a path leads out of its base is told before that it is read-only. */
function placeToChange(base: Descriptor, path: string): Result<Place, FsCode> {
  const directory = base.directory();
  if (directory.tag === 'err') return directory;
  const place = resolve(directory.val, path, false);
  if (place.tag === 'err') return place;
  const mutable = base.mutable();
  return mutable.tag === 'err' ? mutable : place;
}

function placeToRemove(base: Descriptor, path: string): Result<Place & { readonly node: Node }, FsCode> {
  const place = placeToChange(base, path);
  if (place.tag === 'err') return place;
  const node = nodeAt(place.val);
  return node.tag === 'err' ? node : (place as Ok<Place & { readonly node: Node }>);
}

function openDirectory(base: Descriptor, node: DirectoryNode, open: OpenFlags, flags: DescriptorFlags): Result<Descriptor, FsCode> {
  if (open.create || open.truncate || flags.write) return fail('is-directory');
  return ok(new Descriptor(base.volume, node, { ...flags, read: true }));
}

/** Without flags a file is opened to be read; one that `create` may have made can be written to. */
function accessOf(flags: DescriptorFlags, create: boolean): DescriptorFlags {
  return {
    ...flags,
    read: flags.read || !flags.write,
    write: flags.write || create,
    'mutate-directory': false,
  };
}

function isWithin(directory: DirectoryNode, ancestor: DirectoryNode): boolean {
  for (let at: DirectoryNode | null = directory; at !== null; at = at.parent) if (at === ancestor) return true;
  return false;
}
