import type { HostInterface } from '../../host.ts';
import { Trap } from '../../trap.ts';
import { HttpError, type ErrorCode } from '../http/error-code.ts';
import { Fields, type HeaderError } from '../http/fields.ts';
import type { Method, Scheme } from '../http/request-target.ts';
import type { IoError } from '../io/error.ts';
import { RequestOptions } from '../http-0.3/request-options.ts';
import type { Factory } from '../settings.ts';
import type { Result } from '../values/result.ts';
import type { ResponseOutparam } from './exchange.ts';
import type { FutureTrailers } from './future-trailers.ts';
import type { IncomingBody } from './incoming-body.ts';
import type { IncomingRequest, IncomingResponse } from './incoming-message.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import type { FutureIncomingResponse } from './outgoing-handler.ts';
import { OutgoingRequest, OutgoingResponse } from './outgoing-message.ts';

type Value = Uint8Array<ArrayBuffer>;

const fields: HostInterface = {
  '[constructor]fields': () => Fields.empty(),
  '[static]fields.from-list': (entries: readonly (readonly [string, Value])[]) => inLimits(Fields.fromList(entries)),
  '[method]fields.get': (own: Fields, name: string) => own.get(name),
  '[method]fields.has': (own: Fields, name: string) => own.has(name),
  '[method]fields.set': (own: Fields, name: string, values: readonly Value[]) => inLimits(own.set(name, values)),
  '[method]fields.delete': (own: Fields, name: string) => own.delete(name),
  '[method]fields.append': (own: Fields, name: string, value: Value) => inLimits(own.append(name, value)),
  '[method]fields.entries': (own: Fields) => own.entries(),
  '[method]fields.clone': (own: Fields) => own.clone(),
};

/** 0.2 has no word for fields that are too large. */
function inLimits<T>(result: Result<T, HeaderError>): Result<T, HeaderError> {
  if (result.tag === 'err' && result.val.tag === 'size-exceeded') throw new Trap('Header fields are larger than this host allows.');
  return result;
}

const incoming: HostInterface = {
  '[method]incoming-request.method': (request: IncomingRequest) => request.method(),
  '[method]incoming-request.path-with-query': (request: IncomingRequest) => request.pathWithQuery(),
  '[method]incoming-request.scheme': (request: IncomingRequest) => request.scheme(),
  '[method]incoming-request.authority': (request: IncomingRequest) => request.authority(),
  '[method]incoming-request.headers': (request: IncomingRequest) => request.headers(),
  '[method]incoming-request.consume': (request: IncomingRequest) => request.consume(),
  '[method]incoming-response.status': (response: IncomingResponse) => response.status(),
  '[method]incoming-response.headers': (response: IncomingResponse) => response.headers(),
  '[method]incoming-response.consume': (response: IncomingResponse) => response.consume(),
  '[method]incoming-body.stream': (body: IncomingBody) => body.stream(),
  '[static]incoming-body.finish': (body: IncomingBody) => body.finish(),
  '[method]future-trailers.subscribe': (future: FutureTrailers) => future.subscribe(),
  '[method]future-trailers.get': (future: FutureTrailers) => future.get(),
  '[method]future-incoming-response.subscribe': (future: FutureIncomingResponse) => future.subscribe(),
  '[method]future-incoming-response.get': (future: FutureIncomingResponse) => future.get(),
};

const outgoing: HostInterface = {
  '[constructor]outgoing-request': (headers: Fields) => new OutgoingRequest(headers),
  '[method]outgoing-request.body': (request: OutgoingRequest) => request.body(),
  '[method]outgoing-request.method': (request: OutgoingRequest) => request.method,
  '[method]outgoing-request.set-method': (request: OutgoingRequest, method: Method) => request.setMethod(method),
  '[method]outgoing-request.path-with-query': (request: OutgoingRequest) => request.pathWithQuery,
  '[method]outgoing-request.set-path-with-query': (request: OutgoingRequest, path: string | undefined) => request.setPathWithQuery(path),
  '[method]outgoing-request.scheme': (request: OutgoingRequest) => request.scheme,
  '[method]outgoing-request.set-scheme': (request: OutgoingRequest, scheme: Scheme | undefined) => request.setScheme(scheme),
  '[method]outgoing-request.authority': (request: OutgoingRequest) => request.authority,
  '[method]outgoing-request.set-authority': (request: OutgoingRequest, authority: string | undefined) => request.setAuthority(authority),
  '[method]outgoing-request.headers': (request: OutgoingRequest) => request.headers(),
  '[constructor]outgoing-response': (headers: Fields) => new OutgoingResponse(headers),
  '[method]outgoing-response.status-code': (response: OutgoingResponse) => response.status,
  '[method]outgoing-response.set-status-code': (response: OutgoingResponse, status: number) => response.setStatus(status),
  '[method]outgoing-response.headers': (response: OutgoingResponse) => response.headers(),
  '[method]outgoing-response.body': (response: OutgoingResponse) => response.body(),
  '[method]outgoing-body.write': (body: OutgoingBody) => body.write(),
  '[static]outgoing-body.finish': (body: OutgoingBody, trailers: Fields | undefined) => body.finish(trailers),
};

const outparam: HostInterface = {
  '[static]response-outparam.set': (param: ResponseOutparam, response: Result<OutgoingResponse, ErrorCode>) => param.set(response),
  '[method]response-outparam.send-informational': (param: ResponseOutparam, status: number, headers: Fields) =>
    param.sendInformational(status, headers),
};

const options: HostInterface = {
  '[constructor]request-options': () => new RequestOptions(),
  ...Object.fromEntries(
    (['connect-timeout', 'first-byte-timeout', 'between-bytes-timeout'] as const).flatMap((name) => [
      [`[method]request-options.${name}`, (own: RequestOptions) => own.get(name)],
      [`[method]request-options.set-${name}`, (own: RequestOptions, time: bigint | undefined) => own.set(name, time)],
    ]),
  ),
};

const all: HostInterface = {
  // None where a stream's error is none of HTTP.
  'http-error-code': ({ cause }: IoError) => (cause instanceof HttpError ? cause.code : undefined),
  ...fields,
  ...incoming,
  ...outgoing,
  ...outparam,
  ...options,
};

/** wasi:http/types of 0.2. */
export const types: Factory = () => all;
