import type { Module } from '../registry/artifact.ts';

export interface Bundle {
  readonly modules: Readonly<Record<string, Module>>;
  readonly warnings: readonly string[];
  /** Compatibility flags without which what it imports is not there. */
  readonly flags: readonly string[];
}

/** Bundles one function again and again, each time from what changed. */
export interface Bundler {
  /** @throws {BrinkError} `build-failed` */
  bundle(): Promise<Bundle>;
  /** The files that the last bundle read, or the last attempt at one: absolute paths. */
  inputs(): string[];
  /** Folders all of whose entries matter, as a new file in one is part of the next bundle: absolute paths. */
  folders(): string[];
  /** Paths that imports of the last attempt named and that were not there. */
  missing(): string[];
  dispose(): Promise<void>;
}

export const MAIN_MODULE = 'index.js';
