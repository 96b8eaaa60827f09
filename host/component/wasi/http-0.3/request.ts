import type { HostInterface, Pending, Source } from '../../host.ts';
import { Fields } from '../http/fields.ts';
import {
  canonicalScheme,
  GET,
  isAuthority,
  isMethod,
  isPathWithQuery,
  isScheme,
  methodOf,
  targetOf,
  type Method,
  type Scheme,
  type Target,
} from '../http/request-target.ts';
import { ERR, OK, type Result } from '../values/result.ts';
import type { TrailersResult } from './incoming-body.ts';
import { consume, discard, outgoing, type Content } from './message.ts';
import type { Transmission } from './outgoing-body.ts';
import type { RequestOptions } from './request-options.ts';

/** `request` of wasi:http 0.3. Of one that came from outside, the parts are made when they are asked for. */
export class WasiRequest {
  readonly content: Content;
  readonly options: RequestOptions | undefined;
  readonly #request: Request | null;
  #target: Target | null = null;
  #headers: Fields | null;
  #method: Method | null = null;
  /** What the guest has set; undefined stands for itself. */
  #scheme: { readonly value: Scheme | undefined } | null = null;
  #authority: { readonly value: string | undefined } | null = null;
  #path: { readonly value: string | undefined } | null = null;
  #taken = false;

  constructor(from: Request | Fields, content: Content, options?: RequestOptions) {
    this.#request = from instanceof Fields ? null : from;
    this.#headers = from instanceof Fields ? from : null;
    this.content = content;
    this.options = options;
  }

  get headers(): Fields {
    return (this.#headers ??= Fields.of(this.#request!.headers));
  }

  get method(): Method {
    return (this.#method ??= this.#request === null ? GET : methodOf(this.#request.method));
  }

  get scheme(): Scheme | undefined {
    return this.#scheme === null ? this.#fromUrl()?.scheme : this.#scheme.value;
  }

  get authority(): string | undefined {
    return this.#authority === null ? this.#fromUrl()?.authority : this.#authority.value;
  }

  get pathWithQuery(): string | undefined {
    return this.#path === null ? this.#fromUrl()?.pathWithQuery : this.#path.value;
  }

  setMethod(method: Method): Result<undefined, undefined> {
    if (!isMethod(method)) return ERR;
    this.#method = method.tag === 'other' ? methodOf(method.val ?? '') : method;
    return OK;
  }

  setScheme(scheme: Scheme | undefined): Result<undefined, undefined> {
    if (scheme !== undefined && !isScheme(scheme)) return ERR;
    this.#scheme = { value: scheme === undefined ? undefined : canonicalScheme(scheme) };
    return OK;
  }

  setAuthority(authority: string | undefined): Result<undefined, undefined> {
    if (authority !== undefined && !isAuthority(authority)) return ERR;
    this.#authority = { value: authority };
    return OK;
  }

  setPathWithQuery(path: string | undefined): Result<undefined, undefined> {
    if (path !== undefined && !isPathWithQuery(path)) return ERR;
    this.#path = { value: path === '' ? '/' : path };
    return OK;
  }

  /** What it carries, for whoever reads or sends it from now on. */
  take(): Content {
    this.#taken = true;
    return this.content;
  }

  [Symbol.dispose](): void {
    if (!this.#taken) discard(this.take());
  }

  #fromUrl(): Target | null {
    return this.#request === null ? null : (this.#target ??= targetOf(this.#request.url));
  }
}

export const request: HostInterface = {
  '[static]request.new'(
    headers: Fields,
    contents: Source | undefined,
    trailers: Pending<TrailersResult>,
    options: RequestOptions | undefined,
  ) {
    headers.immutable = true;
    options?.freeze();
    const content = outgoing(contents, trailers);
    return [new WasiRequest(headers, content, options), content.sent];
  },
  '[method]request.get-method': (made: WasiRequest) => made.method,
  '[method]request.set-method': (made: WasiRequest, method: Method) => made.setMethod(method),
  '[method]request.get-path-with-query': (made: WasiRequest) => made.pathWithQuery,
  '[method]request.set-path-with-query': (made: WasiRequest, path: string | undefined) => made.setPathWithQuery(path),
  '[method]request.get-scheme': (made: WasiRequest) => made.scheme,
  '[method]request.set-scheme': (made: WasiRequest, scheme: Scheme | undefined) => made.setScheme(scheme),
  '[method]request.get-authority': (made: WasiRequest) => made.authority,
  '[method]request.set-authority': (made: WasiRequest, authority: string | undefined) => made.setAuthority(authority),
  '[method]request.get-options': (made: WasiRequest) => made.options,
  '[method]request.get-headers': (made: WasiRequest) => made.headers,
  '[static]request.consume-body': (made: WasiRequest, outcome: Pending<Transmission>) => consume(made.take(), outcome),
};
