import type { Instant } from '../clocks/time.ts';

export type Node = FileNode | DirectoryNode | LinkNode;
export type NodeKind = Node['kind'];

/** What every object of a volume has. */
abstract class Inode {
  /** Unlike that of any other object that there has been in the volume. */
  readonly id: number;
  /** Names that it has. */
  links = 0;
  accessed: Instant | undefined;
  modified: Instant | undefined;

  constructor(id: number, time: Instant | undefined) {
    this.id = id;
    this.accessed = time;
    this.modified = time;
  }
}

export class FileNode extends Inode {
  readonly kind = 'regular-file';
  /** May be longer than the file: room to grow. */
  bytes: Uint8Array<ArrayBuffer>;
  size: number;
  /** Descriptors and streams that use it: a file without a name lives as long as one does. */
  users = 0;

  constructor(id: number, time: Instant | undefined, bytes: Uint8Array<ArrayBuffer>) {
    super(id, time);
    this.bytes = bytes;
    this.size = bytes.length;
  }
}

export class DirectoryNode extends Inode {
  readonly kind = 'directory';
  readonly entries = new Map<string, Node>();
  parent: DirectoryNode | null;

  constructor(id: number, time: Instant | undefined, parent: DirectoryNode | null) {
    super(id, time);
    this.parent = parent;
  }
}

export class LinkNode extends Inode {
  readonly kind = 'symbolic-link';
  readonly target: string;

  constructor(id: number, time: Instant | undefined, target: string) {
    super(id, time);
    this.target = target;
  }
}

export function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'regular-file':
      return node.size;
    case 'symbolic-link':
      return new TextEncoder().encode(node.target).length;
    case 'directory':
      return 0;
  }
}
