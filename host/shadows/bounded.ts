import { concat } from '../bytes.ts';
import type { BodyTap } from '../dispatch/cell.ts';

/** Bytes of a body that are kept for comparison, of each request and each answer. */
export const MAX_BODY = 256 * 1024;

const utf8 = new TextEncoder();

export type Came = Uint8Array | 'too-large' | 'broken';

/** What of a body has passed by, as long as it is small. */
export class Bounded implements BodyTap {
  /** When it is known what it was. */
  readonly came: Promise<Came>;
  #parts: Uint8Array[] = [];
  readonly #most: number;
  #size = 0;
  #open = true;
  #resolve: (came: Came) => void = () => {};

  constructor(most = MAX_BODY) {
    this.#most = most;
    this.came = new Promise((resolve) => (this.#resolve = resolve));
  }

  push(bytes: Uint8Array): boolean {
    if (!this.#open) return false;
    this.#size += bytes.byteLength;
    if (this.#size > this.#most) {
      this.#end('too-large');
      return false;
    }
    this.#parts.push(bytes.slice());
    return true;
  }

  /** It is there as a whole, and nobody changes it. */
  whole(body: Uint8Array | string | null): void {
    if (body !== null && body.length > this.#most) this.#end('too-large');
    else this.#end(typeof body === 'string' ? utf8.encode(body) : (body ?? new Uint8Array()));
  }

  end(): void {
    if (this.#open) this.#end(concat(this.#parts));
  }

  /** It is not waited for any more. */
  give(): void {
    if (this.#open) this.#end('broken');
  }

  #end(came: Came): void {
    this.#open = false;
    this.#parts = [];
    this.#resolve(came);
  }
}
