import { ok, type Result } from '../values/result.ts';
import { fail, type FsCode } from './errors.ts';
import type { DirectoryNode, Node } from './nodes.ts';

const MAX_NAME_LENGTH = 255;
const MAX_PATH_LENGTH = 4096;
const MAX_LINKS = 32;

/** Where a path leads: to a name in a directory, or to a directory itself (`.`, `a/..`). */
export interface Place {
  readonly directory: DirectoryNode;
  /** null: the directory itself is meant. */
  readonly name: string | null;
  /** What is there. */
  readonly node: Node | undefined;
  /** The path ends with a slash: only a directory will do. */
  readonly slash: boolean;
}

/**
 * Walks a path from a directory, and never out of it: neither by `..`, nor by a symbolic link, nor from the root.
 *
 * @param follow whether a symbolic link at its end is followed
 */
export function resolve(base: DirectoryNode, path: string, follow: boolean): Result<Place, FsCode> {
  if (path === '') return fail('no-entry');
  if (path.length > MAX_PATH_LENGTH) return fail('name-too-long');
  if (path.includes('\0')) return fail('invalid');
  if (path.startsWith('/')) return fail('not-permitted');
  return walk([base], path, follow);
}

function walk(start: readonly DirectoryNode[], path: string, follow: boolean): Result<Place, FsCode> {
  const way = [...start];
  const names = namesOf(path);
  let slash = endsInDirectory(path);
  let links = 0;
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === '..') {
      if (way.length === 1) return fail('not-permitted');
      way.pop();
      continue;
    }
    if (name.length > MAX_NAME_LENGTH) return fail('name-too-long');
    const directory = way.at(-1)!;
    const node = directory.entries.get(name);
    const last = names.length === 0;
    if (node?.kind === 'symbolic-link' && (!last || follow || slash)) {
      links += 1;
      if (links > MAX_LINKS) return fail('loop');
      if (node.target.startsWith('/')) return fail('not-permitted');
      if (last) slash ||= endsInDirectory(node.target);
      names.push(...namesOf(node.target));
    } else if (last) {
      return ok({ directory, name, node, slash });
    } else if (node === undefined) {
      return fail('no-entry');
    } else if (node.kind !== 'directory') {
      return fail('not-directory');
    } else {
      way.push(node);
    }
  }
  const directory = way.at(-1)!;
  return ok({ directory, name: null, node: directory, slash });
}

/** The last one first. */
function namesOf(path: string): string[] {
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .reverse();
}

function endsInDirectory(path: string): boolean {
  return path.endsWith('/') || path.endsWith('/.');
}
