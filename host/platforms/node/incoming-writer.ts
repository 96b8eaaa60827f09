import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { Pace, type PaceTerms } from '../../gateway/pace.ts';
import { awaitsContinue } from './continue.ts';
import { PIECE, WINDOW, type BodyFrame, type FrameSink } from './frames.ts';

export interface IncomingOptions {
  readonly out: FrameSink<BodyFrame>;
  /** Bytes that the body may have. */
  readonly most: number;
  /** null where it may come as slowly as it likes. */
  readonly pace: PaceTerms | null;
  /** It has more, or comes too slowly: the rest is not read. */
  readonly refused: (why: 'large' | 'slow') => void;
  /** Is told of what comes. */
  readonly received?: ((bytes: number) => void) | undefined;
}

/** Sends a request's body as frames straight from its connection, which is paused while the cell grants no more. */
export class IncomingWriter {
  readonly #id: number;
  readonly #incoming: IncomingMessage;
  readonly #out: FrameSink<BodyFrame>;
  #credit = WINDOW;
  #begun = false;
  #ended = false;
  /** How many more bytes there may be. */
  #left: number;
  readonly #refused: IncomingOptions['refused'];
  readonly #received: IncomingOptions['received'];
  readonly #pace: Pace | null;

  constructor(id: number, incoming: IncomingMessage, { out, most, pace, refused, received }: IncomingOptions) {
    this.#left = most;
    this.#refused = refused;
    this.#received = received;
    this.#pace = pace && new Pace(pace, () => this.#refuse('slow', 'The body of the request comes too slowly.'));
    this.#id = id;
    this.#incoming = incoming;
    this.#out = out;
    incoming.once('end', this.#end).once('close', this.#broken).on('error', this.#broken);
    if (incoming.destroyed && !incoming.readableEnded) this.#broken();
    else if (!awaitsContinue(incoming)) this.#begin();
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    if (!this.#begun && !this.#ended) this.#begin();
    if (this.#ended || this.#credit <= 0 || !this.#incoming.isPaused()) return;
    this.#incoming.resume();
    this.#pace?.wait();
  }

  /** The cell wants no more; what still comes is read away, within bounds, by the server. */
  cancel(): void {
    this.#ended = true;
    this.#pace?.pause();
    this.#incoming.off('data', this.#data).off('end', this.#end).off('close', this.#broken).pause();
  }

  #begin(): void {
    this.#begun = true;
    this.#incoming.on('data', this.#data);
    this.#pace?.wait();
  }

  #data = (bytes: Buffer): void => {
    this.#received?.(bytes.byteLength);
    this.#left -= bytes.byteLength;
    if (this.#left < 0) return this.#refuse('large', 'The body of the request is larger than it may be.');
    this.#pace?.pause();
    this.#pace?.came(bytes.byteLength);
    for (let at = 0; at < bytes.byteLength; at += PIECE) {
      this.#out.send(['chunk', this.#id, this.#out.own(bytes.subarray(at, at + PIECE))]);
    }
    this.#credit -= bytes.byteLength;
    if (this.#credit <= 0) this.#incoming.pause();
    else this.#pace?.wait();
  };

  #refuse(why: 'large' | 'slow', says: string): void {
    this.cancel();
    this.#out.send(['error', this.#id, says]);
    this.#refused(why);
  }

  #end = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#pace?.pause();
    this.#out.send(['end', this.#id]);
  };

  #broken = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#pace?.pause();
    this.#out.send(['error', this.#id, 'The client broke off the request before its body had ended.']);
  };
}

/** RFC 9112, section 6.3: a request has a body if one of these two says so. In HTTP/2 the frames do. */
export function hasBody(incoming: IncomingMessage): boolean {
  const { headers } = incoming;
  if (incoming.httpVersionMajor === 2) return !(incoming as unknown as Http2ServerRequest).stream.endAfterHeaders;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
