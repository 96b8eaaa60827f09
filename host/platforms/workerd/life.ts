import { RpcTarget } from 'cloudflare:workers';

/**
 * Goes along with an answer whose stream may be silent for long. The runtime disposes of what a cell was given some 20 ms
 * after the invocation has ended, or its deadline has passed; that a stream is read no more it tells only with the next write.
 */
export class Life extends RpcTarget {
  readonly #ended: () => void;

  constructor(ended: () => void) {
    super();
    this.#ended = ended;
  }

  [Symbol.dispose](): void {
    this.#ended();
  }
}
