import { BrinkError } from '../../errors.ts';
import { capMemories } from './wasm-memory.ts';

/** Bytes of modules that are kept, whether or not a cell has them. */
const MOST = 32 * 1024 * 1024;

interface Kept {
  readonly module: Promise<WebAssembly.Module>;
  readonly size: number;
}

/**
 * WebAssembly modules as they are compiled, which threads share: another cell of a version, or one that takes the place
 * of another, does not wait for what takes a tenth of a second where the module is a JavaScript engine. Those that were
 * wanted last are kept.
 */
export class CompiledModules {
  readonly #most: number;
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  #size = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  /**
   * @param place the artifact's key, and the module's name in it
   * @param most `compile`
   * @throws {BrinkError} `startup-failed`
   */
  of(place: readonly [artifact: string, name: string], bytes: Uint8Array<ArrayBuffer>, most = Infinity): Promise<WebAssembly.Module> {
    const key = place.join('/');
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.module;
    }
    const kept: Kept = { module: compile(place[1], bytes, most), size: bytes.byteLength };
    if (kept.size > this.#most) return kept.module;
    this.#kept.set(key, kept);
    this.#size += kept.size;
    for (const [oldest, { size }] of this.#kept) {
      if (this.#size <= this.#most) break;
      this.#kept.delete(oldest);
      this.#size -= size;
    }
    return kept.module;
  }
}

/** @param most bytes that each of its memories may have @throws {BrinkError} `startup-failed` */
export async function compile(name: string, bytes: Uint8Array<ArrayBuffer>, most = Infinity): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(most === Infinity ? bytes : capMemories(bytes, most));
  } catch (cause) {
    throw new BrinkError('startup-failed', `Module "${name}" is not WebAssembly that runs here: ${(cause as Error).message}`, {
      cause,
      details: { module: name },
    });
  }
}
