import { bodyInit } from '../http/body-init.ts';
import { errorCodeOf, type ErrorCode } from '../http/error-code.ts';
import { smallBody } from '../http/small-body.ts';
import type { Result } from '../values/result.ts';
import { ErrorCodeAnswer, InvalidAnswer } from './error-code-answer.ts';
import { IncomingBody } from './incoming-body.ts';
import { incoming, NO_CONTENT, type Content } from './message.ts';
import { OutgoingBody } from './outgoing-body.ts';
import { WasiRequest } from './request.ts';
import type { WasiResponse } from './response.ts';

/** A reply up to this size goes out whole, if the guest is quick to finish it. */
const WHOLE_BYTES = 64 * 1024;
/** So often the guest gets a turn to finish its reply before that is sent as a stream. */
const TURNS = 8;
/** RFC 9110, sections 6.4.1 and 15; what the constructor of Response takes no body with. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** What `handle` of wasi:http/handler returns. */
export type HandleResult = Result<WasiResponse, ErrorCode>;

export interface AnswerOptions {
  /** Of the request. */
  readonly method: string;
  /** Calls `step` after the guest has had a turn. A microtask where nothing else is said. */
  readonly settle?: (step: () => void) => void;
  /** The last turn before the reply is sent as a stream; the guest may wait for what comes with it. */
  readonly settleLast?: ((step: () => void) => void) | undefined;
  /** Gets the function to call if the instance ends before the body does: the rest of it will not come. */
  onAbandon?(abandon: (error: unknown) => void): void;
}

/** A web request as the argument of `handle`. What the guest does not ask for is not made. */
export function toWasiRequest(request: Request): WasiRequest {
  // RFC 9110, sections 9.3.1 and 9.3.2: content has no meaning there, and the web's requests cannot have it.
  if (request.method === 'GET' || request.method === 'HEAD') return new WasiRequest(request, NO_CONTENT);
  return new WasiRequest(
    request,
    incoming(new IncomingBody(() => request.body, { errorCode: errorCodeOf, reader: () => smallBody(request) })),
  );
}

/** Makes the web response. @throws {InvalidAnswer} the guest's cannot be sent; or the promise rejects with it */
export type Reply = () => Response | Promise<Response>;

/**
 * Takes what a guest has answered with: if it writes the body itself, that is read from now on. Trailers are read, and
 * dropped.
 *
 * @throws {ErrorCodeAnswer} it is an error, or an InvalidAnswer, if it cannot be sent
 */
export function takeReply(result: HandleResult, options: AnswerOptions): Reply {
  if (result.tag === 'err') throw new ErrorCodeAnswer(result.val);
  const response = result.val;
  const content = response.take();
  const { status } = response;
  // 1xx are no final responses: RFC 9110, section 15.2.
  if (status < 200) {
    abort(content, { tag: 'HTTP-protocol-error' });
    throw new InvalidAnswer({ tag: 'HTTP-protocol-error' });
  }
  const { body } = content;
  if (body === null || options.method === 'HEAD' || BODILESS.has(status)) {
    if (body !== null) body.cancel();
    finish(content);
    return () => webResponse(response, null);
  }
  if (body instanceof IncomingBody) {
    const taken = body.takeStream();
    if (taken !== null) {
      finish(content);
      return () => webResponse(response, taken.stream);
    }
  }
  return written(response, content, options);
}

/** A body that the guest writes. */
function written(response: WasiResponse, content: Content, options: AnswerOptions): Reply {
  const body = new OutgoingBody(content.body!, {
    trailers: content.trailers,
    length: response.headers.contentLength(),
    sizeError: 'HTTP-response-body-size',
    sent: content.sent,
  });
  options.onAbandon?.((error) => body.fail({ tag: 'internal-error', val: String(error) }));
  body.gather(WHOLE_BYTES);
  return () => settled(response, body, options);
}

/** Whole if the body ends soon. */
function settled(response: WasiResponse, body: OutgoingBody, options: AnswerOptions): Response | Promise<Response> {
  if (body.outcome !== null) return gathered(response, body);
  const { settle = queueMicrotask } = options;
  return new Promise((resolve, reject) => {
    let turns = 0;
    const step = () => {
      turns += 1;
      if (body.outcome === null && !body.full && turns < TURNS) return (turns < TURNS - 1 ? settle : (options.settleLast ?? settle))(step);
      try {
        resolve(gathered(response, body));
      } catch (error) {
        reject(error as Error);
      }
    };
    settle(step);
  });
}

function gathered(response: WasiResponse, body: OutgoingBody): Response {
  const { outcome } = body;
  if (outcome?.tag === 'err') throw new InvalidAnswer(outcome.val);
  return webResponse(response, outcome === null ? body.stream() : bodyInit(body.bytes(), response.headers));
}

function webResponse({ status, headers }: WasiResponse, body: BodyInit | null): Response {
  return new Response(body, { status, headers: headers.toInit() });
}

/** Nothing more is to be sent. */
function finish({ trailers, sent }: Content): void {
  trailers.read((result) => sent?.resolve(result.tag === 'ok' ? { tag: 'ok', val: undefined } : result));
}

function abort({ body, trailers, sent }: Content, code: ErrorCode): void {
  body?.cancel();
  trailers.cancel();
  sent?.resolve({ tag: 'err', val: code });
}
