import type { Principal } from '../../../sdk/context.ts';
import { setImmediate } from 'node:timers';
import type { FailureCode } from '../../cell/failure.ts';
import type { Backlog, ContentType } from '../../stores/queue.ts';
import type { ScheduledEvent } from '../../dispatch/cell.ts';

/**
 * What the main thread and a cell's worker say to each other. Frames are gathered per tick and posted as one array,
 * since a message costs far more than what is in it.
 */
export type ToCell =
  /** `fetch-head.ts` says what `head` is; the others are those of a `Call`. */
  | readonly ['fetch', id: number, head: string, hasBody: HasBody, left: number, calledAs: CalledAs | null, principal: Principal | null]
  | QueueFrame
  | readonly ['scheduled', id: number, event: ScheduledEvent, call: Call]
  | readonly ['email', id: number, from: string, to: string, raw: Uint8Array, call: Call]
  /** Messages in either direction are the body's. */
  | readonly ['rpc', id: number, kind: 'call' | 'get', method: string, call: Call]
  | BodyFrame
  | SocketFrame
  | AnswerFrame
  | ValueFrame
  /** The client has ended its side of the connection, and may still wait for the answer. */
  | readonly ['left', id: number]
  | readonly ['ping']
  /** Garbage is to be collected now. */
  | readonly ['collect'];

/** `awaited`: the client sends it when it hears that it is wanted (`Expect: 100-continue`); a credit of nothing says so. */
export type HasBody = boolean | 'awaited';

export type FromCell =
  | readonly ['ready', handlers: readonly string[]]
  | readonly ['start-failed', error: ThrownError]
  | readonly ['response', id: number, status: number, headers: readonly string[], body: ReplyBody, settled: boolean, statusText: string]
  /** Comes before the response. */
  | readonly ['interim', id: number, status: number, headers: readonly string[]]
  | readonly ['scheduled-done', id: number, noRetry: boolean]
  | readonly ['email-done', id: number, rejected: string | null]
  /** Of messages of a batch, as `QueueOutcome` has it. */
  | readonly ['said', id: number, said: readonly number[]]
  /** The method has given its result. */
  | readonly ['rpc-done', id: number]
  | readonly ['failed', id: number, code: FailureCode, error: ThrownError]
  /** The response's body and all `waitUntil` work have ended. */
  | readonly ['settled', id: number]
  | readonly ['console', level: string, message: string, requestId: string | null]
  | readonly ['exception', error: ThrownError, requestId: string | null]
  | BodyFrame
  | SocketFrame
  | CallFrame
  | ValueFrame
  /** Of a call to another function: no answer is wanted any more. */
  | readonly ['abort', id: number]
  | readonly ['pong']
  | readonly ['collected'];

/** A batch: its messages without their bodies, which follow one behind the other. */
export type QueueFrame = readonly [
  'queue',
  id: number,
  queue: string,
  messages: readonly MessageHead[],
  bodies: Uint8Array,
  backlog: Backlog,
  call: Call,
];

export type MessageHead = readonly [id: string, timestamp: number, attempts: number, type: ContentType, size: number];

/** traceparent, URL as the client sent it, client's address, alias; how another function calls, where one does; who it is that calls; and how long the answer may take, in ms. */
export type Call = readonly [
  traceparent: string,
  url: string,
  address: string | null,
  alias: string | null,
  calledAs: CalledAs | null,
  principal: Principal | null,
  left: number | null,
];

/** The name of an entrypoint (null: the default one), and `ctx.props`. */
export type CalledAs = readonly [entrypoint: string | null, props: Readonly<Record<string, unknown>>];

/** `true`: body frames follow. `'socket'`: the response accepts a WebSocket. */
export type ReplyBody = string | Uint8Array | null | true | { readonly socket: string | null };

export interface ThrownError {
  readonly message: string;
  readonly stack: string;
}

/** A body in either direction: request bodies go to the cell, response bodies come from it. */
export type BodyFrame =
  | readonly ['chunk', id: number, bytes: Uint8Array]
  | readonly ['end', id: number]
  /** From the writer: the body broke off. */
  | readonly ['error', id: number, message: string]
  /** From the reader: this many more bytes may come. */
  | readonly ['credit', id: number, bytes: number]
  /** From the reader: no more is wanted. To the cell, before a response: the client has gone. */
  | readonly ['cancel', id: number];

/**
 * A call of a binding, by the invocation that is running. Calls have numbers of their own, which the cell gives; the
 * arguments are JSON. `true`: the body's frames follow.
 */
export type CallFrame = readonly [
  'call',
  id: number,
  invocation: number,
  binding: string,
  method: string,
  args: string,
  body: Uint8Array | true | null,
];

/** What the calls of the Cache API go to: no binding has such a name. */
export const CACHES = 'brink:caches';
/** What a message that came in is forwarded and answered by. */
export const RECEIVED_MAIL = 'brink:mail';

/** What became of it, as JSON. */
export type AnswerFrame = readonly ['answer', id: number, text: string, body: Uint8Array | true | null];

/** The body of a call, or of its answer. Inside of it `id` is the call's. */
export type ValueFrame = readonly ['value', frame: BodyFrame];

/** Both directions. The cell grants `credit` for what it has delivered, so that a fast client waits for a slow function. */
export type SocketFrame =
  readonly ['message', id: number, data: string | Uint8Array] | readonly ['close', id: number, code: number, reason: string];

/** Bytes that may be on their way in one direction of one body before the reader grants more. */
export const WINDOW = 1024 * 1024;

/** Larger chunks travel in pieces of this size. */
export const PIECE = 256 * 1024;

/** From this size on, moving a buffer between threads is cheaper than copying it. */
const TRANSFER = 16 * 1024;

export interface FrameSink<Frame> {
  send(frame: Frame): void;
  /** A copy that a frame may carry away; the caller keeps `bytes`. */
  own(bytes: Uint8Array): Uint8Array;
}

/** Where the bodies of calls go: each of their frames in one of the kind `value`. */
export function valueSink(out: FrameSink<ValueFrame>): FrameSink<BodyFrame> {
  return { send: (frame) => out.send(['value', frame]), own: (bytes) => out.own(bytes) };
}

const NONE: ArrayBuffer[] = [];

interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}

/** Gathers frames and posts them together at the end of the tick. */
export class FrameQueue<Frame> implements FrameSink<Frame> {
  #frames: Frame[] = [];
  #transfer: ArrayBuffer[] = [];
  #scheduled = false;
  readonly #port: Port;

  /** Frames stay in order, so a body's last bytes never pass its first ones. */
  constructor(port: Port) {
    this.#port = port;
  }

  send(frame: Frame): void {
    // By its index: a function shares its cell's prototypes, and may have changed `push`.
    this.#frames[this.#frames.length] = frame;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  /** Ahead of everything that still waits for the end of the tick. */
  first(frame: Frame): void {
    this.send(frame);
    this.#frames.pop();
    this.#frames.unshift(frame);
  }

  /** The copy has a buffer of its own, which moves where that pays: a view would carry its whole buffer along. */
  own(bytes: Uint8Array): Uint8Array {
    const copy = new Uint8Array(bytes);
    if (copy.byteLength >= TRANSFER) this.#transfer.push(copy.buffer);
    return copy;
  }

  /** For bytes whose whole buffer the caller gives up: they move without a copy, where that pays. */
  give(bytes: Uint8Array): Uint8Array {
    if (bytes.byteLength < TRANSFER) return bytes;
    if (bytes.byteLength !== bytes.buffer.byteLength || !(bytes.buffer instanceof ArrayBuffer)) return this.own(bytes);
    this.#transfer.push(bytes.buffer);
    return bytes;
  }

  #flush = (): void => {
    this.#scheduled = false;
    const frames = this.#frames;
    const transfer = this.#transfer;
    this.#frames = [];
    if (transfer.length === 0) return this.#port.postMessage(frames, NONE);
    this.#transfer = [];
    return this.#port.postMessage(frames, transfer);
  };
}
