import { producersOf, type Producers } from './describe/producers.ts';
import { worldAsWit } from './describe/wit.ts';
import { readWorld, type World } from './link/link.ts';

export interface ComponentDescription {
  /** Names, in the component's order. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** The world and the interfaces that it names. */
  readonly wit: string;
  readonly producers: Producers;
  /** Its size. */
  readonly bytes: number;
}

/**
 * @param world of the same bytes, where they have been read already
 * @throws {BrinkError} `component-invalid`, `component-unsupported`; both name the byte
 */
export function describeComponent(bytes: Uint8Array, world: World = readWorld(bytes)): ComponentDescription {
  return {
    imports: [...world.imports.keys()],
    exports: [...world.exports.keys()],
    wit: worldAsWit(world),
    producers: producersOf(bytes, world.syntax),
    bytes: bytes.length,
  };
}
