import { interimOf } from '../../interim.ts';
import { Answer } from '../http/answer.ts';
import { bodyInit } from '../http/body-init.ts';
import { HttpError, type ErrorCode } from '../http/error-code.ts';
import type { Fields } from '../http/fields.ts';
import { ErrorCodeAnswer, InvalidAnswer } from '../http-0.3/error-code-answer.ts';
import { err, OK, type Result } from '../values/result.ts';
import type { BodySink } from './body-sink.ts';
import { IncomingRequest } from './incoming-message.ts';
import type { OutgoingResponse } from './outgoing-message.ts';

/** What the constructor of Response takes no body with: Fetch, section 2.2.3. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Of one request, and octets of the header of each. */
const MAX_INFORMATIONAL = 16;
const MAX_INFORMATION = 16_384;

const NO_ANSWER: ErrorCode = { tag: 'HTTP-response-incomplete' };

/** One call of `handle` of wasi:http/incoming-handler: its arguments, and what becomes of them. */
export class Exchange {
  readonly incomingRequest: IncomingRequest;
  readonly outparam: ResponseOutparam;
  readonly #answer = new Answer();

  /** @param lines the header lines as they came, where the platform has them */
  constructor(request: Request, lines?: Iterable<readonly [name: string, value: string]>) {
    this.incomingRequest = new IncomingRequest(request, lines);
    this.outparam = new ResponseOutparam(request, this.#answer);
  }

  /**
   * Rejects with an ErrorCodeAnswer, where the guest answers with an error; with an InvalidAnswer, where it does not answer
   * or its answer cannot be sent; or with what `failed` was called with. No promise where it is there already.
   */
  get response(): Response | Promise<Response> {
    return this.#answer.response;
  }

  /** The guest waits: what it has answered so far is sent. */
  suspended(): void {
    this.outparam.release();
  }

  /** The guest has returned. */
  finished(): void {
    this.outparam.finish();
  }

  /** The guest will not go on. False where its response is on its way already, so that `response` does not tell. */
  failed(error: Error): boolean {
    return this.outparam.fail(error);
  }
}

/** `response-outparam` of wasi:http. */
export class ResponseOutparam {
  readonly #request: Request;
  readonly #answered: Answer;
  #set = false;
  /** A response that may still be sent whole. */
  #held: { readonly response: OutgoingResponse; readonly sink: BodySink } | null = null;
  #sink: BodySink | null = null;
  #informational = 0;

  constructor(request: Request, answer: Answer) {
    this.#request = request;
    this.#answered = answer;
  }

  /** Before the response, for a client that takes it for what it is: whether one does is not told. */
  sendInformational(status: number, headers: Fields): Result<undefined, ErrorCode> {
    // RFC 9110, sections 15.2.1 and 15.2.2: those two are about the connection, which is the host's.
    if (status < 102 || status > 199) return err({ tag: 'HTTP-protocol-error' });
    const send = interimOf(this.#request);
    if (send === undefined) return err({ tag: 'internal-error', val: 'This host sends no informational responses.' });
    if (this.#informational === MAX_INFORMATIONAL)
      return err({ tag: 'internal-error', val: `A request has ${MAX_INFORMATIONAL} informational responses at most.` });
    const lines = [...headers.toHeaders()].flat();
    if (lines.reduce((sum, { length }) => sum + length, 0) > MAX_INFORMATION)
      return err({ tag: 'HTTP-response-header-section-size', val: MAX_INFORMATION });
    this.#informational++;
    send(status, lines);
    return OK;
  }

  set(result: Result<OutgoingResponse, ErrorCode>): void {
    if (this.#set) return;
    this.#set = true;
    if (result.tag === 'err') return this.#answered.reject(new ErrorCodeAnswer(result.val));
    const response = result.val;
    const { sink, status } = response;
    // RFC 9110, section 15.2: those below 200 are no final responses.
    if (status < 200) return this.#refuse({ tag: 'HTTP-protocol-error' }, sink);
    this.#sink = sink;
    if (this.#request.method === 'HEAD' || BODILESS.has(status)) {
      sink?.discard();
      return this.#answer(response, null);
    }
    if (sink === null) {
      if (response.promised) return this.#refuse({ tag: 'HTTP-response-body-size', val: 0n }, null);
      return this.#answer(response, null);
    }
    sink.claim();
    this.#held = { response, sink };
    if (sink.gathered) this.release();
    else sink.onGathered = () => this.release();
  }

  /** Sends what is there: whole where its body has ended, else with the body to come. */
  release(): void {
    if (this.#held === null) return;
    const { response, sink } = this.#held;
    this.#held = null;
    sink.onGathered = null;
    const { failure } = sink;
    if (failure === null) this.#answer(response, sink.finished ? bodyInit(sink.bytes(), response.headers()) : sink.stream());
    else this.#answered.reject(failure instanceof HttpError ? new InvalidAnswer(failure.code) : failure);
  }

  /** The guest has returned: nothing more comes. */
  finish(): void {
    if (!this.#set)
      this.fail(new InvalidAnswer(NO_ANSWER, 'The component returned without a response: it never called response-outparam.set.'));
    this.#sink?.finish();
    this.release();
  }

  /** Whether `response` rejects with it. */
  fail(error: Error): boolean {
    const told = !this.#set || this.#held !== null;
    if (!this.#set) {
      this.#set = true;
      this.#answered.reject(error);
    }
    this.#sink?.fail(error);
    return told;
  }

  #answer(response: OutgoingResponse, body: BodyInit | null): void {
    this.#answered.resolve(new Response(body, { status: response.status, headers: response.headers().toInit() }));
  }

  /** The response cannot be sent. */
  #refuse(code: ErrorCode, sink: BodySink | null): void {
    sink?.fail(new HttpError(code));
    this.#answered.reject(new InvalidAnswer(code));
  }
}
