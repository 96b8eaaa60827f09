import type { Algorithm } from './objects.ts';

/** Takes bytes as they come. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** Of all of them; nothing comes after. */
  hex(): string;
}

export type CreateHash = (algorithm: Algorithm) => Hash;
