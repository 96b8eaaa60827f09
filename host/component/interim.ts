/**
 * The web's responses are final ones. A platform whose HTTP has others gives its requests a method that sends them, under a
 * name that all of a cell's code has, as what serves a component is bundled apart.
 */
const INTERIM = Symbol.for('brink.interim');

/** @param lines name, value, name, value…; names in lower case */
export type SendInterim = (status: number, lines: readonly string[]) => void;

interface Interim {
  [INTERIM]?: SendInterim;
}

/** For the platform: what its requests send before their response. @param prototype of its requests */
export function setInterim(prototype: object, send: (request: object, status: number, lines: readonly string[]) => void): void {
  const value = function (this: object, status: number, lines: readonly string[]): void {
    send(this, status, lines);
  };
  Object.defineProperty(prototype, INTERIM, { value, configurable: true });
}

/** Sends a response before that of a request; undefined where the platform sends none. */
export function interimOf(request: Request): SendInterim | undefined {
  return (request as Interim)[INTERIM]?.bind(request);
}
