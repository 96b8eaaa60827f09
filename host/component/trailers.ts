/**
 * Web requests and responses have no trailers. A platform whose HTTP has them passes them on beside: it asks for those
 * of a request that it sends, and says those of a response that it got.
 */
const requests = new WeakMap<Request, Promise<Headers | null>>();
const responses = new WeakMap<Response, () => Promise<Headers | null>>();

/** For the platform's `fetch`: what to send after the request's body, known when that has ended. */
export function requestTrailers(request: Request): Promise<Headers | null> | undefined {
  return requests.get(request);
}

export function setRequestTrailers(request: Request, trailers: Promise<Headers | null>): void {
  requests.set(request, trailers);
}

/** For the platform's `fetch`: gives what has come after the response's body, once that has ended. */
export function setResponseTrailers(response: Response, trailers: () => Promise<Headers | null>): void {
  responses.set(response, trailers);
}

export function responseTrailers(response: Response): (() => Promise<Headers | null>) | undefined {
  return responses.get(response);
}
