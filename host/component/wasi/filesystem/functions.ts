import type { HostInterface } from '../../host.ts';
import type { Instant } from '../clocks/time.ts';
import { ok, OK, type Result } from '../values/result.ts';
import { metadataHash, statOf, type Descriptor, type DescriptorFlags, type NewTimestamp } from './descriptor.ts';
import type { FsCode } from './errors.ts';
import type { Node, NodeKind } from './nodes.ts';
import * as paths from './paths.ts';
import type { OpenFlags, PathFlags } from './paths.ts';

/** What the generations of wasi:filesystem say in their own way. */
export interface Dialect {
  result<T>(result: Result<T, FsCode>): Result<T, unknown>;
  type(kind: NodeKind): unknown;
  time(time: Instant | undefined): Instant | undefined;
}

/** The functions of `descriptor` that both generations have. */
export function descriptorFunctions({ result, type, time }: Dialect): HostInterface {
  const stat = (node: Node): unknown => {
    const facts = statOf(node);
    return {
      ...facts,
      type: type(facts.type),
      'data-access-timestamp': time(facts['data-access-timestamp']),
      'data-modification-timestamp': time(facts['data-modification-timestamp']),
      'status-change-timestamp': time(facts['status-change-timestamp']),
    };
  };
  return methods({
    advise: (file: Descriptor) => result(file.advise()),
    'sync-data': () => OK,
    sync: () => OK,
    'get-flags': ({ flags }: Descriptor) => ok(flags),
    'get-type': ({ node }: Descriptor) => ok(type(node.kind)),
    'set-size': (file: Descriptor, size: bigint) => result(file.setSize(size)),
    'set-times': (file: Descriptor, accessed: NewTimestamp, modified: NewTimestamp) => result(file.setTimes(accessed, modified)),
    'create-directory-at': (base: Descriptor, path: string) => result(paths.createDirectoryAt(base, path)),
    stat: ({ node }: Descriptor) => ok(stat(node)),
    'stat-at'(base: Descriptor, flags: PathFlags, path: string) {
      const node = paths.lookUp(base, flags, path);
      return node.tag === 'err' ? result(node) : ok(stat(node.val));
    },
    'set-times-at': (base: Descriptor, flags: PathFlags, path: string, accessed: NewTimestamp, modified: NewTimestamp) =>
      result(paths.setTimesAt(base, flags, path, accessed, modified)),
    'link-at': (base: Descriptor, flags: PathFlags, path: string, to: Descriptor, newPath: string) =>
      result(paths.linkAt(base, flags, path, to, newPath)),
    'open-at': (base: Descriptor, path: PathFlags, name: string, open: OpenFlags, flags: DescriptorFlags) =>
      result(paths.openAt(base, name, { path, open, flags })),
    'readlink-at': (base: Descriptor, path: string) => result(paths.readlinkAt(base, path)),
    'remove-directory-at': (base: Descriptor, path: string) => result(paths.removeDirectoryAt(base, path)),
    'rename-at': (base: Descriptor, path: string, to: Descriptor, newPath: string) => result(paths.renameAt(base, path, to, newPath)),
    'symlink-at': (base: Descriptor, target: string, path: string) => result(paths.symlinkAt(base, target, path)),
    'unlink-file-at': (base: Descriptor, path: string) => result(paths.unlinkFileAt(base, path)),
    'is-same-object': (one: Descriptor, other: Descriptor) => one.node === other.node,
    'metadata-hash': ({ volume, node }: Descriptor) => ok(metadataHash(volume, node)),
    'metadata-hash-at'(base: Descriptor, flags: PathFlags, path: string) {
      const node = paths.lookUp(base, flags, path);
      return node.tag === 'err' ? result(node) : ok(metadataHash(base.volume, node.val));
    },
  });
}

function methods(functions: HostInterface): HostInterface {
  return Object.fromEntries(Object.entries(functions).map(([name, fn]) => [`[method]descriptor.${name}`, fn]));
}
