import type { Context } from '../../../cell/context.ts';
import type { Handlers } from '../../../cell/handlers.ts';
import type { Running } from '../../../cell/invocation.ts';
import type { BodyReader, BodyWriter } from '../body.ts';
import type { Call, FrameQueue, FromCell } from '../frames.ts';
import type { IncomingRequest } from '../light-request.ts';
import type { Calls } from './calls.ts';
import type { SocketHost } from './socket.ts';

/** What an invocation has under way. */
export interface Work {
  request?: IncomingRequest;
  /** The request's body, on its way in. */
  reader?: BodyReader;
  /** The response's body, on its way out. */
  writer?: BodyWriter;
  socket?: SocketHost;
  /** Takes what `waitUntil` work is rejected with, where that fails the invocation. */
  failed?: (error: unknown) => void;
  /** Before the host hears that it has settled. */
  ended?: () => void;
  /** Body, socket and `waitUntil` promises that have not ended, and the handler itself. */
  open: number;
}

/** Writes down what was thrown, by the invocation that runs or another. */
export type Report = (error: unknown, running?: Running) => void;

/** What the handlers of events need of the invocations of their cell. */
export interface Invoking {
  readonly env: unknown;
  readonly out: FrameQueue<FromCell>;
  readonly calls: Calls;
  readonly report: Report;
  begin(id: number): Work;
  /** Whether it has not ended. */
  runs(id: number): boolean;
  /** Calls a handler. @returns what that gives */
  call(id: number, work: Work, call: Call, run: (handlers: Handlers, context: Context) => unknown): unknown;
  /** One thing less is open of it: without any it has settled. */
  release(id: number, work: Work): void;
  fail(id: number, error: unknown): void;
}
