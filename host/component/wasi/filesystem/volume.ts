import { systemNow, type Instant } from '../clocks/time.ts';
import type { ScratchLimits } from '../settings.ts';
import { ok, OK, type Result } from '../values/result.ts';
import { fail, type FsCode } from './errors.ts';
import { DirectoryNode, FileNode, LinkNode, sizeOf, type Node } from './nodes.ts';

const NO_BYTES = new Uint8Array(0);

/** A tree of files in memory: read-only where it has no limits to keep. */
export class Volume {
  readonly root: DirectoryNode;
  readonly limits: ScratchLimits | null;
  /** Mixed into what is told of objects, so that it says nothing of them elsewhere. */
  readonly secret = crypto.getRandomValues(new BigUint64Array(1))[0]!;
  #ids = 0;
  #bytes = 0;
  #entries = 0;

  constructor(limits: ScratchLimits | null) {
    this.limits = limits;
    this.root = new DirectoryNode(this.#id(), this.#time(), null);
    this.root.links = 1;
  }

  get writable(): boolean {
    return this.limits !== null;
  }

  /** A file of the volume that stands for bytes which are never written to. */
  mount(path: string, bytes: Uint8Array<ArrayBuffer>): void {
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    const last = names.pop();
    if (last === undefined || names.includes('..') || last === '..') return;
    let directory = this.root;
    for (const name of names) {
      let next = directory.entries.get(name);
      if (next === undefined) this.#enter(directory, name, (next = new DirectoryNode(this.#id(), undefined, directory)));
      if (next.kind !== 'directory') return;
      directory = next;
    }
    this.#enter(directory, last, new FileNode(this.#id(), undefined, bytes));
  }

  createFile(directory: DirectoryNode, name: string): Result<FileNode, FsCode> {
    return this.#create(directory, name, (id, time) => new FileNode(id, time, NO_BYTES));
  }

  createDirectory(directory: DirectoryNode, name: string): Result<DirectoryNode, FsCode> {
    return this.#create(directory, name, (id, time) => new DirectoryNode(id, time, directory));
  }

  createLink(directory: DirectoryNode, name: string, target: string): Result<LinkNode, FsCode> {
    return this.#create(directory, name, (id, time) => new LinkNode(id, time, target));
  }

  /** One more name for an object. */
  link(directory: DirectoryNode, name: string, node: Node): Result<undefined, FsCode> {
    if (directory.links === 0) return fail('no-entry');
    if (this.#entries >= this.limits!.entries) return fail('insufficient-space');
    this.#entries += 1;
    this.#enter(directory, name, node);
    return OK;
  }

  unlink(directory: DirectoryNode, name: string): void {
    const node = directory.entries.get(name)!;
    directory.entries.delete(name);
    directory.modified = this.#time();
    this.#entries -= 1;
    node.links -= 1;
    if (node.kind === 'regular-file') this.#free(node);
  }

  move(from: DirectoryNode, name: string, to: DirectoryNode, newName: string): void {
    const node = from.entries.get(name)!;
    if (to.entries.has(newName)) this.unlink(to, newName);
    from.entries.delete(name);
    to.entries.set(newName, node);
    if (node.kind === 'directory') node.parent = to;
    from.modified = to.modified = this.#time();
  }

  use(file: FileNode): void {
    file.users += 1;
  }

  unuse(file: FileNode): void {
    file.users -= 1;
    this.#free(file);
  }

  resize(file: FileNode, size: number): Result<undefined, FsCode> {
    const { bytes: limit } = this.limits!;
    if (this.#bytes - file.size + size > limit) return fail(size > limit ? 'file-too-large' : 'insufficient-space');
    if (size > file.bytes.length) {
      const bytes = new Uint8Array(Math.min(limit, Math.max(size, file.bytes.length * 2)));
      bytes.set(file.bytes.subarray(0, file.size));
      file.bytes = bytes;
    } else if (size < file.size) {
      file.bytes.fill(0, size, file.size);
    }
    this.#bytes += size - file.size;
    file.size = size;
    file.modified = this.#time();
    return OK;
  }

  write(file: FileNode, bytes: Uint8Array, at: number): Result<undefined, FsCode> {
    if (at + bytes.length > file.size) {
      const grown = this.resize(file, at + bytes.length);
      if (grown.tag === 'err') return grown;
    }
    file.bytes.set(bytes, at);
    file.modified = this.#time();
    return OK;
  }

  #create<N extends Node>(directory: DirectoryNode, name: string, make: (id: number, time: Instant | undefined) => N): Result<N, FsCode> {
    const node = make(this.#id(), this.#time());
    const linked = this.link(directory, name, node);
    return linked.tag === 'err' ? linked : ok(node);
  }

  #enter(directory: DirectoryNode, name: string, node: Node): void {
    directory.entries.set(name, node);
    directory.modified = this.#time();
    node.links += 1;
  }

  #free(file: FileNode): void {
    if (file.links > 0 || file.users > 0 || !this.writable) return;
    this.#bytes -= sizeOf(file);
    file.bytes = NO_BYTES;
    file.size = 0;
  }

  #id(): number {
    this.#ids += 1;
    return this.#ids;
  }

  #time(): Instant | undefined {
    return this.writable ? systemNow() : undefined;
  }
}
