import { setInterim } from '../../../component/interim.ts';
import { BriefMap } from '../brief-map.ts';
import { Context } from '../../../cell/context.ts';
import { failureCodeOf, type Entrypoints, type Handlers } from '../../../cell/handlers.ts';
import { Running, type InvocationStorage } from '../../../cell/invocation.ts';
import type { FailureCode } from '../../../cell/failure.ts';
import { BodyReader, BodyWriter } from '../body.ts';
import { readFetchHead } from '../fetch-head.ts';
import type { Call, CalledAs, FrameQueue, FromCell, ToCell } from '../frames.ts';
import type { Calls } from './calls.ts';
import type { CellData } from './data.ts';
import { runEmail, runQueue, runScheduled } from './event-runs.ts';
import { RpcSession } from './rpc/session.ts';
import { replyOf, type ReplyOptions } from './reply.ts';
import { IncomingRequest } from '../light-request.ts';
import { isResponse, LightResponse } from '../light-response.ts';
import { thrown } from './thrown.ts';
import { CellSocket } from './socket.ts';
import type { Invoking, Report, Work } from './work.ts';

type FetchFrame = Extract<ToCell, readonly ['fetch', ...unknown[]]>;
type RpcFrame = Extract<ToCell, readonly ['rpc', ...unknown[]]>;

const DIRECT: CalledAs = [null, {}];

/** The invocations that run in this cell, each driven by the frames that carry its id. */
export class Invocations implements Invoking {
  readonly #entrypoints: Entrypoints;
  readonly env: unknown;
  readonly #data: CellData;
  readonly #storage: InvocationStorage;
  readonly out: FrameQueue<FromCell>;
  readonly calls: Calls;
  readonly #collect: () => void;
  readonly report: Report;
  readonly #now: () => number;
  readonly #running = new BriefMap<Work>();

  constructor(options: {
    entrypoints: Entrypoints;
    env: unknown;
    data: CellData;
    storage: InvocationStorage;
    out: FrameQueue<FromCell>;
    calls: Calls;
    /** Collects garbage. */
    collect: () => void;
    report: Report;
    /** Milliseconds since the epoch. */
    now: () => number;
  }) {
    this.#entrypoints = options.entrypoints;
    this.env = options.env;
    this.#data = options.data;
    this.#storage = options.storage;
    this.out = options.out;
    this.calls = options.calls;
    this.#collect = options.collect;
    this.report = options.report;
    this.#now = options.now;
    setInterim(IncomingRequest.prototype, (request, status, lines) => this.#interim(request, status, lines));
  }

  receive(frame: ToCell): void {
    switch (frame[0]) {
      case 'fetch':
        return this.#fetch(frame);
      case 'scheduled':
        return runScheduled(this, frame);
      case 'queue':
        return runQueue(this, frame);
      case 'email':
        return runEmail(this, frame);
      case 'rpc':
        return this.#rpc(frame);
      case 'chunk':
        return this.#running.get(frame[1])?.reader?.push(frame[2]);
      case 'end':
        return this.#running.get(frame[1])?.reader?.end();
      case 'error':
        return this.#running.get(frame[1])?.reader?.fail(new TypeError(frame[2]));
      case 'credit':
        return this.#running.get(frame[1])?.writer?.grant(frame[2]);
      case 'cancel':
        return this.#cancel(frame[1]);
      case 'left':
        return this.#running.get(frame[1])?.request?.abort('The client has gone.');
      case 'message':
        this.#running.get(frame[1])?.socket?.message(frame[2]);
        return this.out.send(['credit', frame[1], frame[2].length]);
      case 'close':
        return this.#running.get(frame[1])?.socket?.close(frame[2], frame[3]);
      case 'answer':
        return this.calls.answer(frame);
      case 'value':
        return this.calls.value(frame[1]);
      case 'ping':
        return this.out.send(['pong']);
      case 'collect':
        this.#collect();
        return this.out.send(['collected']);
    }
  }

  begin(id: number): Work {
    const work: Work = { open: 1 };
    this.#running.set(id, work);
    return work;
  }

  runs(id: number): boolean {
    return this.#running.has(id);
  }

  #fetch([, id, head, hasBody, left, calledAs, principal]: FetchFrame): void {
    const { method, target, traceparent, url, address, alias, headers } = readFetchHead(head);
    const running = this.begin(id);
    if (hasBody) {
      running.reader = new BodyReader(id, this.out);
      if (hasBody === 'awaited') running.reader.awaited = true;
    }
    const how: ReplyOptions = { method, plain: calledAs !== null };
    const request = (running.request = new IncomingRequest(method, target, headers, running.reader ?? null));
    let result: unknown;
    try {
      const call: Call = [traceparent, url, address, alias, calledAs, principal, left];
      result = this.call(id, running, call, (handlers, context) => handlers.call('fetch', request, this.env, context));
    } catch (error) {
      return this.fail(id, error);
    }
    if (isThenable(result)) {
      result.then(
        (response) => this.#respond(id, running, how, response),
        (error: unknown) => this.fail(id, error),
      );
      return undefined;
    }
    return this.#respond(id, running, how, result);
  }

  #interim(request: object, status: number, lines: readonly string[]): void {
    const id = this.#running.keyOf((work) => work.request === request);
    if (id !== undefined) this.out.send(['interim', id, status, lines]);
  }

  /** A method that another function calls; both sides' messages are bodies of this invocation. */
  #rpc([, id, kind, method, call]: RpcFrame): void {
    const running: Work = { open: 2, reader: new BodyReader(id, this.out) };
    this.#running.set(id, running);
    this.call(id, running, call, (handlers, context) => {
      const session = new RpcSession({
        run: (args) => handlers.rpc({ kind, method, args }, this.env, context),
        settled: (error) => {
          if (error !== undefined) return this.fail(id, error.thrown);
          this.out.send(['rpc-done', id]);
          return this.release(id, running);
        },
      });
      running.writer = new BodyWriter(id, session.outgoing, this.out);
      void running.writer.run().then(() => this.release(id, running));
      return session.listen(running.reader!.stream());
    });
  }

  call(
    id: number,
    running: Work,
    [traceparent, url, clientAddress, alias, calledAs, principal, left]: Call,
    run: (handlers: Handlers, context: Context) => unknown,
  ): unknown {
    const state = new Running(traceparent);
    if (running.request !== undefined) state.request = running.request;
    const waitUntil = (promise: Promise<unknown>) => {
      running.open++;
      promise.then(
        () => this.release(id, running),
        (error: unknown) => {
          if (running.failed === undefined) this.report(error, state);
          else running.failed(error);
          this.release(id, running);
        },
      );
    };
    const { function: name, version } = this.#data;
    const deadline = left === null ? null : this.#now() + left;
    const brink = { requestId: state.requestId, traceparent, url, clientAddress, function: name, version, alias, principal, deadline };
    state.waitUntil = waitUntil;
    state.invocation = id;
    const [entrypoint, props] = calledAs ?? DIRECT;
    const context = new Context(brink, { waitUntil, props });
    return this.#storage.run(state, () => run(this.#entrypoints.of(entrypoint), context));
  }

  #respond(id: number, running: Work, how: ReplyOptions, response: unknown): void {
    try {
      return this.#reply(id, running, how, response);
    } catch (error) {
      // A response can be made so that it throws when it is read.
      return this.fail(id, error);
    }
  }

  #reply(id: number, running: Work, how: ReplyOptions, response: unknown): void {
    if (!isResponse(response) || response.status === 0) {
      const what =
        response === undefined
          ? 'nothing'
          : isResponse(response)
            ? 'Response.error()'
            : `something that is no Response (${typeof response})`;
      return this.#failed(id, 'response-invalid', new TypeError(`The fetch handler returned ${what}. It must return a Response.`));
    }
    if (response.bodyUsed) {
      return this.#failed(
        id,
        'response-invalid',
        new TypeError('The fetch handler returned a Response whose body has been read already. Return a clone() of it.'),
      );
    }
    if (response.status === 101 && LightResponse.is(response)) return this.#accept(id, running, response);
    const { status, statusText, headers, body } = replyOf(response, how);
    if (!(body instanceof ReadableStream)) {
      const sent = body instanceof Uint8Array ? this.out.give(body) : body;
      const last = running.open === 1;
      if (last) this.#end(id, running);
      else this.release(id, running);
      return this.out.send(['response', id, status, headers, sent, last, statusText]);
    }
    this.out.send(['response', id, status, headers, true, false, statusText]);
    running.writer = new BodyWriter(id, body, this.out);
    void running.writer.run().then(() => this.release(id, running));
    return undefined;
  }

  #accept(id: number, running: Work, response: LightResponse): void {
    const socket = response.webSocket as CellSocket;
    let closed = false;
    try {
      running.socket = CellSocket.couple(socket, {
        message: (data) => this.out.send(['message', id, typeof data === 'string' ? data : this.out.own(data)]),
        close: (code, reason) => {
          this.out.send(['close', id, code, reason]);
          if (!closed) this.release(id, running);
          closed = true;
        },
      });
    } catch (error) {
      return this.fail(id, error);
    }
    const { close } = running.socket;
    running.socket.close = (code, reason) => {
      close(code, reason);
      if (!closed) this.release(id, running);
      closed = true;
    };
    // Before any message that the function sent ahead: couple() has queued those as frames already.
    return this.out.first(['response', id, 101, LightResponse.lines(response), { socket: socket.protocol }, false, response.statusText]);
  }

  /** The client has gone, or its time is up. */
  #cancel(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    running.reader?.fail(new TypeError('The client has gone.'));
    running.writer?.cancel(new DOMException('The client has gone.', 'AbortError'));
    running.request?.abort('The client has gone.');
    // What `waitUntil` keeps may go on, with all that it waits for.
    if (running.open === 1) this.calls.abort(id, new DOMException('The client has gone.', 'AbortError'));
  }

  fail(id: number, error: unknown): void {
    this.#failed(id, failureCodeOf(error), error);
  }

  #failed(id: number, code: FailureCode, error: unknown): void {
    this.out.send(['failed', id, code, thrown(error)]);
    const running = this.#running.get(id);
    if (running) this.release(id, running);
  }

  release(id: number, running: Work): void {
    if (--running.open > 0) return;
    running.ended?.();
    this.#end(id, running);
    this.out.send(['settled', id]);
  }

  #end(id: number, running: Work): void {
    running.reader?.discard();
    this.#running.delete(id);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return value !== null && typeof value === 'object' && typeof (value as { then?: unknown }).then === 'function';
}
