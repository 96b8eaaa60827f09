/**
 * The response to one request. It often is there before the handler returns, and then no promise is made of it: servers
 * answer sooner and with less work where they get the response itself.
 */
export class Answer {
  #response: Response | null = null;
  #error: Error | null = null;
  #waiting: PromiseWithResolvers<Response> | null = null;

  /** What comes first counts. */
  resolve(response: Response): void {
    if (this.#waiting !== null) this.#waiting.resolve(response);
    else if (this.#error === null) this.#response ??= response;
  }

  reject(error: Error): void {
    if (this.#waiting !== null) this.#waiting.reject(error);
    else if (this.#response === null) this.#error ??= error;
  }

  /** The response, where it is there; else a promise of it. */
  get response(): Response | Promise<Response> {
    if (this.#waiting !== null) return this.#waiting.promise;
    if (this.#response !== null) return this.#response;
    this.#waiting = Promise.withResolvers();
    if (this.#error !== null) this.#waiting.reject(this.#error);
    return this.#waiting.promise;
  }
}
