import type { ComponentInvocation, HostCall } from '../../host.ts';
import { decodedHeaders } from '../http/decoded.ts';
import { errorCodeOf, HttpError, type ErrorCode } from '../http/error-code.ts';
import { Fields } from '../http/fields.ts';
import { methodText, REFUSED_METHODS, urlOf } from '../http/request-target.ts';
import type { Factory } from '../settings.ts';
import { err, ok, type Result } from '../values/result.ts';
import { IncomingBody } from './incoming-body.ts';
import { incoming, NO_CONTENT } from './message.ts';
import { outgoingOf, type Outgoing } from './outgoing-request.ts';
import { WasiResponse } from './response.ts';
import { UNWANTED } from './outgoing-body.ts';
import type { RequestOptions } from './request-options.ts';
import type { WasiRequest } from './request.ts';
import { responseTrailers, setRequestTrailers } from '../../trailers.ts';

type Sent = Result<WasiResponse, ErrorCode>;

const READ_TIMEOUT: ErrorCode = { tag: 'connection-read-timeout' };

/** wasi:http/client: requests go out through the platform's `fetch`, under the function's egress rules. */
export const client: Factory = (world) => ({
  send(this: HostCall, request: WasiRequest) {
    return send(request, world.invocation, this);
  },
});

/** wasi:http/handler, where a component imports it: what stands behind a middleware is the network too. */
export const nextHandler: Factory = (world) => ({
  handle(this: HostCall, request: WasiRequest) {
    return send(request, world.invocation, this);
  },
});

async function send(request: WasiRequest, invocation: ComponentInvocation, { signal }: HostCall): Promise<Sent> {
  const content = request.take();
  const refused = (code: ErrorCode): Sent => {
    content.body?.cancel();
    content.trailers.cancel();
    content.sent?.resolve(err(code));
    return err(code);
  };
  const url = urlOf(request.scheme, request.authority, request.pathWithQuery);
  if (url === null) return refused({ tag: request.scheme?.tag === 'other' ? 'HTTP-protocol-error' : 'HTTP-request-URI-invalid' });
  const method = methodText(request.method);
  const outgoing = outgoingOf(content, { method, length: request.headers.contentLength() });
  const early = await outgoing.ready;
  if (early !== null) return refused(early);

  const timeout = headTimeout(request.options, signal);
  let made: Request;
  try {
    made = webRequest(url, { method, headers: request.headers.toInit(), body: outgoing.body, signal: timeout.signal });
  } catch {
    return refused(REFUSED_METHODS.get(method.toUpperCase()) ?? { tag: 'HTTP-request-URI-invalid' });
  }
  setRequestTrailers(made, outgoing.trailers);
  try {
    const response = await invocation.fetch(made);
    // Not every platform's `fetch` fails with the body that it sends.
    const broken = outgoing.failure();
    if (broken !== null && broken !== UNWANTED) {
      response.body?.cancel().catch(() => undefined);
      throw new HttpError(broken);
    }
    outgoing.answered();
    return ok(wasiResponse(response, request.options));
  } catch (error) {
    // What ended the body is the cause, whatever `fetch` makes of that.
    const code = outgoing.failure() ?? (timeout.expired() ? READ_TIMEOUT : errorCodeOf(error));
    outgoing.failed(code);
    return err(code);
  } finally {
    timeout.stop();
  }
}

function webRequest(url: string, init: { method: string; headers: HeadersInit; body: Outgoing['body']; signal: AbortSignal }): Request {
  // `duplex` is not in every platform's types, and asked for by those that stream.
  return new Request(url, { ...init, redirect: 'manual', ...(init.body !== null && { duplex: 'half' }) } as RequestInit);
}

function wasiResponse(response: Response, options: RequestOptions | undefined): WasiResponse {
  const headers = Fields.of(decodedHeaders(response));
  if (response.body === null) return new WasiResponse(response.status, headers, NO_CONTENT);
  const trailers = responseTrailers(response);
  const body = new IncomingBody(() => response.body, {
    errorCode: errorCodeOf,
    timeout: {
      first: options?.milliseconds('first-byte-timeout') ?? null,
      between: options?.milliseconds('between-bytes-timeout') ?? null,
      code: READ_TIMEOUT,
    },
    ...(trailers !== undefined && {
      trailers: async () => {
        const came = await trailers();
        return came === null ? undefined : Fields.of(came);
      },
    }),
  });
  return new WasiResponse(response.status, headers, incoming(body));
}

interface Timeout {
  readonly signal: AbortSignal;
  expired(): boolean;
  stop(): void;
}

/** `fetch` does not tell when it has connected: the time to connect is only limited together with that to the first byte. */
function headTimeout(options: RequestOptions | undefined, signal: AbortSignal): Timeout {
  const first = options?.milliseconds('first-byte-timeout') ?? null;
  if (first === null) return { signal, expired: () => false, stop: () => undefined };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), first + (options?.milliseconds('connect-timeout') ?? 0));
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    expired: () => controller.signal.aborted,
    stop: () => clearTimeout(timer),
  };
}
