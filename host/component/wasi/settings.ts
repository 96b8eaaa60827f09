import type { HostInterface, World } from '../host.ts';

/** What a function's version brings for its components, the same in every instance. */
export interface HostSettings {
  /** The function's vars: its environment, and what wasi:config gives. */
  readonly vars: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** The bundled files by path, as `data/words.txt`; never written to. */
  readonly assets: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** What `/tmp` of one instance may hold; null where there is none. */
  readonly scratch: ScratchLimits | null;
}

export interface ScratchLimits {
  readonly bytes: number;
  /** Files, directories and links. */
  readonly entries: number;
}

export const NO_SETTINGS: HostSettings = {
  vars: {},
  args: [],
  assets: new Map(),
  scratch: { bytes: 16 * 1024 * 1024, entries: 1024 },
};

/** The hooks of one instance's hosts into its life. */
export interface InstanceLife {
  /** `step` runs whenever nothing is left to do in the instance: its invocations have ended. */
  onIdle(step: () => void): void;
  /** `step` runs when the instance is put back to what it was after its instantiation. */
  onReset(step: () => void): void;
}

/** Makes an interface for one instance. */
export type Factory = (world: World, settings: HostSettings, life: InstanceLife) => HostInterface;
