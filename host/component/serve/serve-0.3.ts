import type { ComponentInvocation } from '../host.ts';
import type { Caller, Exported, HostSite } from '../runtime/call.ts';
import { Answer } from '../wasi/http/answer.ts';
import { takeReply, toWasiRequest, type AnswerOptions, type HandleResult, type Reply } from '../wasi/http-0.3/exchange.ts';
import { failureOf, logLate } from './guest-trap.ts';
import { Loan, type Borrower } from './loan.ts';
import type { InstancePool } from './pool.ts';

/** On Node a body that came with its request is read by then, and its echo goes out whole. Other platforms have it not. */
const afterIo = (globalThis as { setImmediate?: (step: () => void) => void }).setImmediate;

export interface HandlerCall {
  readonly exported: Exported;
  readonly request: Request;
  readonly invocation: ComponentInvocation;
  /** How many requests an instance may serve at the same time. */
  readonly concurrent: number;
}

/**
 * `wasi:http/handler@0.3`: the response comes before the guest's code has come to its end, which may be long after.
 * With isolation by request an instance is free then; else it may serve others meanwhile.
 */
export function serveHandler(pool: InstancePool, call: HandlerCall): Response | Promise<Response> {
  return new Serving(pool, call).response(call);
}

/** One request in the hands of a guest. */
class Serving implements Caller, AnswerOptions, Borrower {
  readonly invocation: ComponentInvocation;
  readonly #handler: Exported;
  readonly #request: Request;
  readonly #loan: Loan;
  readonly #answer = new Answer();
  #calling = true;
  #reply: Reply | null = null;
  #answered = false;
  #sent = false;
  #ended = false;
  #settle: (() => void) | null = null;
  #abandon: ((error: unknown) => void) | null = null;

  constructor(pool: InstancePool, { exported, request, invocation, concurrent }: HandlerCall) {
    this.invocation = invocation;
    this.#handler = exported;
    this.#request = request;
    this.#loan = new Loan(pool, concurrent);
  }

  response({ exported, request }: HandlerCall): Response | Promise<Response> {
    const site = this.#loan.instance.call(exported, [toWasiRequest(request)], this);
    this.#calling = false;
    if (this.#answered) this.#send();
    if (!this.#ended) this.#watch(site);
    return this.#answer.response;
  }

  // --- what the instance tells

  returned(result: unknown): void {
    this.#answered = true;
    try {
      this.#reply = takeReply(result as HandleResult, this);
    } catch (error) {
      this.#answer.reject(error as Error);
    }
    // The guest returns in the middle of its turn. When that is over it has often written the body, too.
    if (!this.#calling) this.#send();
  }

  ended(): void {
    this.#ended = true;
    this.#settle?.();
  }

  failed(error: Error): void {
    this.ended();
    this.#loan.failed();
    const failure = failureOf(this.#loan.instance, error, this.#handler);
    this.#abandon?.(failure);
    if (this.#sent) logLate(failure, this.invocation);
    else this.#answer.reject(failure);
  }

  // --- what its loan asks

  get hasEnded(): boolean {
    return this.#ended;
  }

  get hasAnswered(): boolean {
    return this.#answered;
  }

  givenUp(): void {
    this.ended();
  }

  // --- what the response is made with

  get method(): string {
    return this.#request.method;
  }

  get settleLast(): AnswerOptions['settleLast'] {
    return this.method === 'GET' || this.method === 'HEAD' ? undefined : afterIo;
  }

  onAbandon(abandon: (error: unknown) => void): void {
    this.#abandon = abandon;
  }

  #send(): void {
    try {
      const response = this.#reply?.();
      // It has trapped after it returned: nobody reads that any more.
      if (this.#loan.instance.dead !== null) return abandon(response);
      if (response instanceof Promise)
        response.then(
          (each) => this.#resolve(each),
          (error: unknown) => this.#answer.reject(error as Error),
        );
      else if (response !== undefined) this.#resolve(response);
    } catch (error) {
      this.#answer.reject(error as Error);
    }
    this.#loan.over();
  }

  #resolve(response: Response): void {
    this.#sent = true;
    this.#answer.resolve(response);
  }

  /** It may go on after its response: the platform is to let it, until the client leaves. */
  #watch(site: HostSite): void {
    this.invocation.waitUntil(new Promise<void>((settled) => (this.#settle = settled)));
    this.#request.signal.addEventListener('abort', () => this.#loan.leave(site, this), { once: true });
  }
}

function abandon(response: Response | Promise<Response> | undefined): void {
  Promise.resolve(response).then(
    (each) => each?.body?.cancel(),
    () => undefined,
  );
}
