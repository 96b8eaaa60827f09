import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Invocation } from '../../dispatch/cell.ts';
import type { BrinkError } from '../../errors.ts';
import { bodyTooLarge, bodyTooSlow, heldBody } from '../../gateway/held-body.ts';
import { BodyReader, BodyWriter } from './body.ts';
import { awaitsContinue } from './continue.ts';
import { end } from './current.ts';
import { fetchHead } from './fetch-head.ts';
import { FrontResponse, type Watcher } from './front-response.ts';
import { brokeOff, hasGone } from './gone.ts';
import { tapped } from '../../cell/tapped.ts';
import { limitedBody, requestTooLarge, responseTooLarge, toldBody, type BodySizes } from '../../cell/body-size.ts';
import type { TimeLeft } from '../../cell/time-left.ts';
import type { Call as CallPart, CalledAs, FrameSink, FromCell, ReplyBody, ToCell } from './frames.ts';
import { hasBody, IncomingWriter } from './incoming-writer.ts';
import { interimOf, type NodeInterim } from './interim.ts';
import { LightResponse } from './light-response.ts';
import { Upgrade } from './upgrade.ts';

/** A request as `@hono/node-server` hands it on: the sources of what a lazy Request would make of them. */
export interface NodeRaw {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Whoever wants to know that the client has ended its side. */
  call?: { left(): void };
  /** Where something was to come before the response. */
  interim?: NodeInterim;
}

type Out = FrameSink<ToCell>;

/** One invocation on the main thread: what its frames from the cell do. */
export interface Call {
  readonly id: number;
  readonly invocation: Invocation;
  /** `performance.now()` */
  readonly began: number;
  /** When it fails for want of a response (`performance.now()`); Infinity from then on. */
  deadline: number;
  /** Whether that has happened: what it still does is for nobody. */
  readonly expired: boolean;
  readonly limit: TimeLeft | null;
  /** Whether it is a WebSocket now. */
  readonly upgraded?: boolean;
  frame(frame: FromCell): void;
  fail(error: BrinkError): void;
  /** Its time is up: the caller hears so, and the cell that nobody waits any more. */
  expire(error: BrinkError): void;
  /** Its cell has shown that it is alive after that. */
  alive?(): void;
}

export class FetchCall implements Call, Watcher {
  readonly invocation: Invocation;
  readonly began = performance.now();
  deadline: number;
  expired = false;
  readonly limit: TimeLeft;
  readonly id: number;
  readonly #out: Out;
  readonly #sizes: BodySizes;
  /** Bytes of the response so far. */
  #size = 0;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: BrinkError) => void;
  #writer: IncomingWriter | BodyWriter | undefined;
  #reader: BodyReader | undefined;
  #upgrade: Upgrade | undefined;

  constructor(
    id: number,
    options: { invocation: Invocation; limit: TimeLeft; sizes: BodySizes; out: Out },
    resolve: (response: Response) => void,
    reject: (error: BrinkError) => void,
  ) {
    this.id = id;
    this.invocation = options.invocation;
    this.limit = options.limit;
    this.#sizes = options.sizes;
    this.deadline = this.began + options.limit.ms;
    this.#out = options.out;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get upgraded(): boolean {
    return this.#upgrade !== undefined;
  }

  send(request: Request): void {
    const { invocation } = this;
    const raw = invocation.raw as NodeRaw | null;
    const withBody = raw ? hasBody(raw.incoming) && (awaitsContinue(raw.incoming) ? 'awaited' : true) : request.body !== null;
    const lines = invocation.rawHeaders ?? [...request.headers].flat();
    const { request: most } = this.#sizes;
    const { held, service, principal } = invocation;
    if (raw && most !== Infinity && Number(raw.incoming.headers['content-length'] ?? 0) > most)
      throw requestTooLarge(nameOf(invocation), most);
    const head = fetchHead(request.method, invocation, lines);
    this.#out.send(['fetch', this.id, head, withBody, this.limit.ms, calledAs(service), principal]);
    if (raw) {
      if (withBody)
        this.#writer = new IncomingWriter(this.id, raw.incoming, {
          out: this.#out,
          most: held ? Math.min(most, held.most) : most,
          pace: held?.pace ?? null,
          refused: (why) => this.#refused(why),
          received: invocation.received,
          tap: invocation.tap,
        });
      else invocation.tap?.end();
      raw.call = this;
      // While its cell started: no event will say so.
      if (hasGone(raw)) this.#cancel();
      FrontResponse.watch(raw.outgoing, this);
      return;
    }
    if (!withBody) invocation.tap?.end();
    if (withBody) {
      const told = invocation.received === undefined ? request.body! : toldBody(request.body!, invocation.received);
      const sized = most === Infinity ? told : limitedBody(told, most, () => this.#tooLarge());
      const asked = held ? heldBody(sized, { to: held, of: nameOf(invocation), refused: (error) => this.expire(error) }) : sized;
      const body = invocation.tap === undefined ? asked : tapped(asked, invocation.tap);
      const writer = (this.#writer = new BodyWriter(this.id, body, this.#out));
      void writer.run();
    }
    if (request.signal.aborted) this.#cancel();
    else request.signal.addEventListener('abort', () => this.#cancel(), { once: true });
  }

  frame(frame: FromCell): void {
    switch (frame[0]) {
      case 'response':
        return this.#respond(frame[2], frame[6], frame[3] as string[], frame[4]);
      case 'interim':
        return this.#inform(frame[2], frame[3]);
      case 'chunk':
        return this.#push(frame[2]);
      case 'end':
        return this.#reader?.end();
      case 'error':
        return this.#reader?.fail(new Error(frame[2]));
      case 'credit':
        this.#upgrade?.granted?.(frame[2]);
        return this.#writer?.grant(frame[2]);
      case 'cancel':
        return this.#writer?.cancel(undefined);
      case 'message':
        return this.#upgrade?.message(frame[2]);
      case 'close':
        return this.#upgrade?.close(frame[2], frame[3]);
      default:
        return undefined;
    }
  }

  closed(): void {
    const raw = this.invocation.raw as NodeRaw;
    end(raw);
    if (!raw.outgoing.writableFinished || brokeOff(raw)) this.#cancel();
  }

  /** The client has ended its side, and may wait for the answer all the same. */
  left(): void {
    this.#out.send(['left', this.id]);
  }

  fail(error: BrinkError): void {
    this.#reject(error);
    this.#reader?.fail(error);
    this.#writer?.cancel(undefined);
    this.#upgrade?.close(1011, 'The function has stopped.');
  }

  expire(error: BrinkError): void {
    this.deadline = Infinity;
    this.expired = true;
    this.fail(error);
    this.#cancel();
  }

  #respond(status: number, statusText: string, lines: string[], body: ReplyBody): void {
    // After the deadline nobody takes it.
    if (this.deadline === Infinity) return this.#cancel();
    this.deadline = Infinity;
    const { response: most } = this.#sizes;
    if (most !== Infinity && sizeOf(body) > most) return this.#reject(responseTooLarge(nameOf(this.invocation), most));
    if (body === true) {
      this.#reader = new BodyReader(this.id, this.#out);
      return this.#resolve(LightResponse.of(status, lines, this.#reader, { statusText }) as unknown as Response);
    }
    if (body !== null && typeof body === 'object' && 'socket' in body) {
      this.#upgrade = new Upgrade(body.socket, {
        message: (data) => this.#out.send(['message', this.id, typeof data === 'string' ? data : this.#out.own(data)]),
        close: (code, reason) => this.#out.send(['close', this.id, code, reason]),
      });
      return this.#resolve(LightResponse.of(status, lines, null, { statusText, webSocket: this.#upgrade }) as unknown as Response);
    }
    return this.#resolve(LightResponse.of(status, lines, body, { statusText }) as unknown as Response);
  }

  /** For a client that takes it for what it is: RFC 8297, section 3. */
  #inform(status: number, lines: readonly string[]): void {
    const raw = this.invocation.raw as NodeRaw | null;
    if (raw === null || this.deadline === Infinity) return;
    const interim = interimOf(raw);
    if (interim?.framed || raw.incoming.headers['sec-fetch-mode'] === 'navigate') interim?.sendNow(status, lines);
  }

  #push(bytes: Uint8Array): void {
    this.#size += bytes.byteLength;
    if (this.#size <= this.#sizes.response) return this.#reader?.push(bytes);
    this.#reader?.fail(responseTooLarge(nameOf(this.invocation), this.#sizes.response));
    return this.#cancel();
  }

  /** The body of the request, which said nothing of its length. */
  #tooLarge(): BrinkError {
    const error = requestTooLarge(nameOf(this.invocation), this.#sizes.request);
    this.expire(error);
    return error;
  }

  #refused(why: 'large' | 'slow'): void {
    const { held } = this.invocation;
    if (why === 'slow') return this.expire(bodyTooSlow(nameOf(this.invocation), held!.pace!));
    if (held && held.most < this.#sizes.request) return this.expire(bodyTooLarge(nameOf(this.invocation), held.most));
    this.#tooLarge();
  }

  #cancel(): void {
    this.#out.send(['cancel', this.id]);
  }
}

function nameOf({ function: name, version }: Invocation): string {
  return `${name}@${version}`;
}

/** Of what is there as a whole: that of a stream is counted as it comes. */
function sizeOf(body: ReplyBody): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : 0;
}

/** What the cell is told of an invocation. @param limit null where nobody waits for an answer */
export function callOf(invocation: Invocation, limit: TimeLeft | null = null): CallPart {
  const { traceparent, url, clientAddress, alias, service, principal } = invocation;
  return [traceparent, url, clientAddress, alias, calledAs(service), principal, limit && limit.ms];
}

function calledAs(service: Invocation['service']): CalledAs | null {
  return service && [service.entrypoint, service.props];
}
