import type { Fields } from '../http/fields.ts';
import {
  canonicalScheme,
  GET,
  isAuthority,
  isMethod,
  isPathWithQuery,
  isScheme,
  methodOf,
  type Method,
  type Scheme,
} from '../http/request-target.ts';
import { ERR, ok, OK, type Result } from '../values/result.ts';
import { BodySink, type SizeError } from './body-sink.ts';
import { OutgoingBody } from './outgoing-body.ts';

type Set = Result<undefined, undefined>;

/** What requests and responses that a guest makes have in common. */
class OutgoingMessage {
  readonly #headers: Fields;
  readonly #sizeError: SizeError;
  #sink: BodySink | null = null;

  constructor(headers: Fields, sizeError: SizeError) {
    headers.immutable = true;
    this.#headers = headers;
    this.#sizeError = sizeError;
  }

  headers(): Fields {
    return this.#headers;
  }

  body(): Result<OutgoingBody, undefined> {
    if (this.#sink !== null) return ERR;
    const length = this.#headers.contentLength();
    if (length === null && this.#headers.has('content-length')) return ERR;
    this.#sink = new BodySink(length, this.#sizeError);
    return ok(new OutgoingBody(this.#sink, (trailers) => this.onTrailers(trailers)));
  }

  /** What the guest writes; null where it has not asked for a body. */
  get sink(): BodySink | null {
    return this.#sink;
  }

  /** Whether its headers speak of a body. */
  get promised(): boolean {
    return (this.#headers.contentLength() ?? 0) > 0;
  }

  /** The body has been finished, and with what. */
  protected onTrailers(_trailers: Fields | undefined): void {
    // The web's responses have none.
  }
}

/** `outgoing-request` of wasi:http. */
export class OutgoingRequest extends OutgoingMessage {
  method: Method = GET;
  pathWithQuery: string | undefined;
  scheme: Scheme | undefined;
  authority: string | undefined;
  readonly #trailers = Promise.withResolvers<Headers | null>();

  constructor(headers: Fields) {
    super(headers, 'HTTP-request-body-size');
  }

  /** What comes after the body, known when that has been finished. */
  get trailers(): Promise<Headers | null> {
    return this.#trailers.promise;
  }

  setMethod(method: Method): Set {
    if (!isMethod(method)) return ERR;
    this.method = method.tag === 'other' ? methodOf(method.val ?? '') : method;
    return OK;
  }

  setPathWithQuery(pathWithQuery: string | undefined): Set {
    if (pathWithQuery !== undefined && !isPathWithQuery(pathWithQuery)) return ERR;
    this.pathWithQuery = pathWithQuery;
    return OK;
  }

  setScheme(scheme: Scheme | undefined): Set {
    if (scheme !== undefined && !isScheme(scheme)) return ERR;
    this.scheme = scheme === undefined ? undefined : canonicalScheme(scheme);
    return OK;
  }

  setAuthority(authority: string | undefined): Set {
    if (authority !== undefined && !isAuthority(authority)) return ERR;
    this.authority = authority;
    return OK;
  }

  protected override onTrailers(trailers: Fields | undefined): void {
    this.#trailers.resolve(trailers?.toHeaders() ?? null);
  }
}

/** `outgoing-response` of wasi:http. */
export class OutgoingResponse extends OutgoingMessage {
  status = 200;

  constructor(headers: Fields) {
    super(headers, 'HTTP-response-body-size');
  }

  /** RFC 9110, section 15: three digits, of which the first is 1 to 5. */
  setStatus(status: number): Set {
    if (status < 100 || status > 599) return ERR;
    this.status = status;
    return OK;
  }
}
