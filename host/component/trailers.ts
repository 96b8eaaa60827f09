/**
 * Web requests and responses have no trailers. A platform whose HTTP has them passes them on beside: it asks for those
 * of a request that it sends, and says those of a response that it got. They are kept under a name that all of a cell's
 * code has, since what serves a component and the platform's `fetch` are bundled apart.
 */
const TRAILERS = Symbol.for('brink.trailers');

interface Sent {
  [TRAILERS]?: Promise<Headers | null> | null;
}

interface Received {
  [TRAILERS]?: () => Promise<Headers | null>;
}

/**
 * For the platform's `fetch`: what to send after the request's body, known when that has ended.
 *
 * @returns null: the body is all there, and nothing follows it; undefined: nobody asks for a response's trailers either
 */
export function requestTrailers(request: Request): Promise<Headers | null> | null | undefined {
  return (request as Sent)[TRAILERS];
}

/** Says that those of the response are wanted, and which follow the request's body. */
export function setRequestTrailers(request: Request, trailers: Promise<Headers | null> | null): void {
  (request as Sent)[TRAILERS] = trailers;
}

/** For the platform's `fetch`: gives what has come after the response's body, once that has ended. */
export function setResponseTrailers(response: Response, trailers: () => Promise<Headers | null>): void {
  (response as Received)[TRAILERS] = trailers;
}

export function responseTrailers(response: Response): (() => Promise<Headers | null>) | undefined {
  return (response as Received)[TRAILERS];
}
