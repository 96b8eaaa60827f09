import { systemNow, type Instant } from '../clocks/time.ts';
import { ok, OK, type Result } from '../values/result.ts';
import { fail, type FsCode } from './errors.ts';
import { sizeOf, type DirectoryNode, type FileNode, type Node, type NodeKind } from './nodes.ts';
import type { Volume } from './volume.ts';

/** Offsets and sizes are signed in POSIX. */
const MAX_OFFSET = 2n ** 63n - 1n;
/** What one read gives at most. */
const MAX_READ = 64 * 1024;

export interface DescriptorFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly 'file-integrity-sync': boolean;
  readonly 'data-integrity-sync': boolean;
  readonly 'requested-write-sync': boolean;
  readonly 'mutate-directory': boolean;
}

export type NewTimestamp = { readonly tag: 'no-change' } | { readonly tag: 'now' } | { readonly tag: 'timestamp'; readonly val: Instant };

/** `descriptor-stat`, its type as 0.2 has it. */
export interface Stat {
  readonly type: NodeKind;
  readonly 'link-count': bigint;
  readonly size: bigint;
  readonly 'data-access-timestamp': Instant | undefined;
  readonly 'data-modification-timestamp': Instant | undefined;
  readonly 'status-change-timestamp': Instant | undefined;
}

/** An object of a volume that a guest has opened. What it does with paths is in `paths.ts`. */
export class Descriptor {
  readonly volume: Volume;
  readonly node: Node;
  readonly flags: DescriptorFlags;
  #open = true;

  constructor(volume: Volume, node: Node, flags: Partial<DescriptorFlags>) {
    this.volume = volume;
    this.node = node;
    this.flags = { ...NO_FLAGS, ...flags };
    if (node.kind === 'regular-file') volume.use(node);
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.node.kind === 'regular-file') this.volume.unuse(this.node);
  }

  readable(): Result<FileNode, FsCode> {
    if (this.node.kind === 'directory') return fail('is-directory');
    return this.node.kind === 'regular-file' && this.flags.read ? ok(this.node) : fail('bad-descriptor');
  }

  writable(): Result<FileNode, FsCode> {
    if (this.node.kind === 'directory') return fail('is-directory');
    return this.node.kind === 'regular-file' && this.flags.write ? ok(this.node) : fail('bad-descriptor');
  }

  directory(): Result<DirectoryNode, FsCode> {
    return this.node.kind === 'directory' ? ok(this.node) : fail('not-directory');
  }

  /** The directory, where things in it may be made, changed and removed. */
  mutable(): Result<DirectoryNode, FsCode> {
    if (this.node.kind !== 'directory') return fail('not-directory');
    return this.flags['mutate-directory'] && this.volume.writable ? ok(this.node) : fail('read-only');
  }

  /** Bytes of the reader's own; none at the end. */
  read(offset: bigint, length: bigint): Result<Uint8Array<ArrayBuffer>, FsCode> {
    const file = this.readable();
    if (file.tag === 'err') return file;
    if (offset > MAX_OFFSET) return fail('invalid');
    const { bytes, size } = file.val;
    const start = offset > size ? size : Number(offset);
    const end = Math.min(size, start + (length > MAX_READ ? MAX_READ : Number(length)));
    return ok(bytes.slice(start, end));
  }

  write(bytes: Uint8Array, offset: bigint): Result<undefined, FsCode> {
    const file = this.writable();
    if (file.tag === 'err') return file;
    if (offset > MAX_OFFSET) return fail('invalid');
    return this.volume.write(file.val, bytes, Number(offset));
  }

  append(bytes: Uint8Array): Result<undefined, FsCode> {
    const file = this.writable();
    return file.tag === 'err' ? file : this.volume.write(file.val, bytes, file.val.size);
  }

  setSize(size: bigint): Result<undefined, FsCode> {
    const file = this.writable();
    if (file.tag === 'err') return file;
    return size > MAX_OFFSET ? fail('invalid') : this.volume.resize(file.val, Number(size));
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): Result<undefined, FsCode> {
    if (!this.volume.writable) return fail('read-only');
    setTimes(this.node, accessed, modified);
    return OK;
  }

  advise(): Result<undefined, FsCode> {
    return this.node.kind === 'regular-file' ? OK : fail('bad-descriptor');
  }
}

export function setTimes(node: Node, accessed: NewTimestamp, modified: NewTimestamp): void {
  node.accessed = timeOf(accessed, node.accessed);
  node.modified = timeOf(modified, node.modified);
}

export function statOf(node: Node): Stat {
  return {
    type: node.kind,
    'link-count': BigInt(node.links),
    size: BigInt(sizeOf(node)),
    'data-access-timestamp': node.accessed,
    'data-modification-timestamp': node.modified,
    'status-change-timestamp': node.modified,
  };
}

export function metadataHash({ secret }: Volume, node: Node): { readonly lower: bigint; readonly upper: bigint } {
  const parts = [BigInt(node.id), BigInt(sizeOf(node)), ...timeParts(node.accessed), ...timeParts(node.modified)];
  return { lower: mixed(secret, parts), upper: mixed(~secret, parts) };
}

const NO_FLAGS: DescriptorFlags = {
  read: false,
  write: false,
  'file-integrity-sync': false,
  'data-integrity-sync': false,
  'requested-write-sync': false,
  'mutate-directory': false,
};

function timeOf(change: NewTimestamp, now: Instant | undefined): Instant | undefined {
  switch (change.tag) {
    case 'no-change':
      return now;
    case 'now':
      return systemNow();
    case 'timestamp':
      return change.val;
  }
}

function timeParts(time: Instant | undefined): readonly bigint[] {
  return time === undefined ? [0n] : [time.seconds, BigInt(time.nanoseconds)];
}

/** FNV-1a over words, each stirred as in SplitMix64. */
function mixed(seed: bigint, parts: readonly bigint[]): bigint {
  let hash = BigInt.asUintN(64, seed);
  for (const part of parts) {
    hash = BigInt.asUintN(64, (hash ^ BigInt.asUintN(64, part)) * 0x9e3779b97f4a7c15n);
    hash ^= hash >> 29n;
  }
  return hash;
}
