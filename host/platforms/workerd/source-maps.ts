import { mapStack } from '../../observe/stack.ts';
import type { Artifact, Module } from '../../registry/artifact.ts';

const MAX_VERSIONS = 64;

/** The source maps of the versions that this isolate has started, for the stacks that come back from them. */
export class SourceMaps {
  readonly #versions = new Map<string, Readonly<Record<string, Module>>>();

  keep(key: string, { modules }: Artifact): void {
    // Copies: a map must not hold the buffer of its whole artifact.
    const maps = Object.entries(modules).flatMap(([name, { type, bytes }]) =>
      type === 'map' ? [[name, { type, bytes: bytes.slice() }]] : [],
    );
    this.#versions.delete(key);
    this.#versions.set(key, Object.fromEntries(maps) as Record<string, Module>);
    if (this.#versions.size > MAX_VERSIONS) this.#versions.delete(this.#versions.keys().next().value!);
  }

  /** The stack with the author's places, where the version was started here; else as it is. */
  map(key: string, stack: string): string {
    return mapStack(stack, this.#versions.get(key) ?? {});
  }
}

/** Names a version's code: what was started here of a function. */
export function mapsKey(name: string, version: number): string {
  return `${name}@${version}`;
}
