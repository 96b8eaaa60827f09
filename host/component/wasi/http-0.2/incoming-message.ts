import { decodedHeaders } from '../http/decoded.ts';
import { Fields } from '../http/fields.ts';
import { methodOf, targetOf, type Method, type Scheme, type Target } from '../http/request-target.ts';
import { responseTrailers } from '../../trailers.ts';
import { smallBody } from '../http/small-body.ts';
import { ERR, ok, type Result } from '../values/result.ts';
import { IncomingBody } from './incoming-body.ts';

/** `incoming-request` of wasi:http. What the guest does not ask for is not made. */
export class IncomingRequest {
  readonly #request: Request;
  #target: Target | null = null;
  #headers: Fields | null;
  #consumed = false;

  /** @param lines its header lines as they came, where the platform has them */
  constructor(request: Request, lines?: Iterable<readonly [name: string, value: string]>) {
    this.#request = request;
    this.#headers = lines === undefined ? null : Fields.ofLines(lines);
  }

  method(): Method {
    return methodOf(this.#request.method);
  }

  pathWithQuery(): string {
    return this.#parts().pathWithQuery;
  }

  scheme(): Scheme {
    return this.#parts().scheme;
  }

  authority(): string {
    return this.#parts().authority;
  }

  headers(): Fields {
    return (this.#headers ??= Fields.of(this.#request.headers));
  }

  consume(): Result<IncomingBody, undefined> {
    if (this.#consumed) return ERR;
    this.#consumed = true;
    const request = this.#request;
    // RFC 9110, sections 9.3.1 and 9.3.2: content has no meaning there, and the web's requests cannot have it.
    const none = request.method === 'GET' || request.method === 'HEAD';
    return ok(none ? new IncomingBody(() => null) : new IncomingBody(() => request.body, { reader: () => smallBody(request) }));
  }

  #parts(): Target {
    return (this.#target ??= targetOf(this.#request.url));
  }
}

/** `incoming-response` of wasi:http. */
export class IncomingResponse {
  readonly #response: Response;
  readonly #betweenBytes: number | null;
  #headers: Fields | null = null;
  #consumed = false;

  /** @param betweenBytes milliseconds in which each chunk of the body has to come */
  constructor(response: Response, betweenBytes: number | null) {
    this.#response = response;
    this.#betweenBytes = betweenBytes;
  }

  status(): number {
    return this.#response.status;
  }

  headers(): Fields {
    return (this.#headers ??= Fields.of(decodedHeaders(this.#response)));
  }

  consume(): Result<IncomingBody, undefined> {
    if (this.#consumed) return ERR;
    this.#consumed = true;
    const response = this.#response;
    const trailers = responseTrailers(response);
    return ok(new IncomingBody(() => response.body, { betweenBytes: this.#betweenBytes, trailers }));
  }

  /** A body that nobody reads would keep its connection. */
  [Symbol.dispose](): void {
    if (!this.#consumed) this.#response.body?.cancel().catch(() => undefined);
  }
}
