/**
 * Workers' WebSocket, of which a function gets two joined ends from `new WebSocketPair()`: it answers with one and
 * talks through the other. https://developers.cloudflare.com/workers/runtime-apis/websockets/
 */
type Data = string | ArrayBuffer;

/** What the host does with the end that a response carries. */
export interface SocketHost {
  message(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

type Received = { readonly data: Data } | { readonly code: number; readonly reason: string };
type Listener = ((event: Event) => unknown) | null;

const STATES = { READY_STATE_CONNECTING: 0, READY_STATE_OPEN: 1, READY_STATE_CLOSING: 2, READY_STATE_CLOSED: 3 } as const;

export class CellSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  readonly extensions = '';
  readonly url = null;
  binaryType = 'arraybuffer';
  onmessage: Listener = null;
  onclose: Listener = null;
  onerror: Listener = null;
  /** The subprotocol that the response's `sec-websocket-protocol` names. */
  protocol: string | null = null;

  #peer: CellSocket | undefined;
  #host: SocketHost | undefined;
  #accepted = false;
  #ready = false;
  #waiting: Received[] = [];
  #closeSent = false;
  #closeReceived = false;

  static pair(): [CellSocket, CellSocket] {
    const ends: [CellSocket, CellSocket] = [new CellSocket(), new CellSocket()];
    ends[0].#peer = ends[1];
    ends[1].#peer = ends[0];
    return ends;
  }

  /** Couples an end to the client's connection: what its peer sends goes out, what comes in goes to its peer. */
  static couple(socket: CellSocket, host: SocketHost): SocketHost {
    if (socket.#host !== undefined || socket.#accepted) throw new TypeError('This WebSocket is in use already.');
    socket.#host = host;
    socket.#accepted = true;
    socket.#start();
    const peer = socket.#peer!;
    return {
      message: (data) => peer.#receive({ data: typeof data === 'string' ? data : (data.slice().buffer as ArrayBuffer) }),
      close: (code, reason) => {
        if (!peer.#closeReceived) peer.#receive({ code, reason });
      },
    };
  }

  get readyState(): number {
    if (this.#closeSent && this.#closeReceived) return CellSocket.CLOSED;
    return this.#closeSent || this.#closeReceived ? CellSocket.CLOSING : CellSocket.OPEN;
  }

  accept(): void {
    if (this.#host !== undefined) throw new TypeError('This WebSocket has been given away in a response.');
    if (this.#accepted) return;
    this.#accepted = true;
    // Listeners are usually added right after accept(); what has come is delivered when they are there.
    queueMicrotask(() => this.#start());
  }

  send(data: string | ArrayBuffer | ArrayBufferView): void {
    if (!this.#accepted) throw new TypeError('You must call accept() on this WebSocket before sending messages.');
    if (this.#closeSent) throw new TypeError("Can't call WebSocket send() after close().");
    this.#peer!.#receive({ data: typeof data === 'string' ? data : copied(data) });
  }

  close(code = 1005, reason = ''): void {
    if (
      code !== 1005 &&
      code !== 1000 &&
      !(code >= 3000 && code <= 4999) &&
      !(code >= 1001 && code <= 1014 && code !== 1004 && code !== 1006)
    ) {
      throw new DOMException(`Invalid WebSocket close code: ${code}.`, 'InvalidAccessError');
    }
    if (this.#closeSent) return;
    this.#closeSent = true;
    this.#peer!.#receive({ code, reason: String(reason) });
  }

  #receive(received: Received): void {
    if (!this.#ready) this.#waiting.push(received);
    else if ('data' in received) this.#deliver(received.data);
    else this.#deliverClose(received.code, received.reason);
  }

  #start(): void {
    this.#ready = true;
    for (const received of this.#waiting.splice(0)) this.#receive(received);
  }

  #deliver(data: Data): void {
    if (this.#host !== undefined) this.#host.message(typeof data === 'string' ? data : new Uint8Array(data));
    else this.#dispatch(new MessageEvent('message', { data }), this.onmessage);
  }

  #deliverClose(code: number, reason: string): void {
    this.#closeReceived = true;
    if (this.#host !== undefined) {
      this.#closeSent = true;
      this.#host.close(code, reason);
    } else {
      this.#dispatch(Object.assign(new Event('close'), { code, reason, wasClean: code !== 1006 }), this.onclose);
    }
  }

  #dispatch(event: Event, handler: Listener): void {
    try {
      handler?.call(this, event);
    } catch (error) {
      // As with a listener that throws: it is reported, and the others are called all the same.
      queueMicrotask(() => {
        throw error;
      });
    }
    this.dispatchEvent(event);
  }
}
Object.defineProperty(CellSocket, 'name', { value: 'WebSocket' });
Object.assign(CellSocket, STATES);

/** `new WebSocketPair()` gives `{ 0: client, 1: server }`. */
export const WebSocketPair = function WebSocketPair(this: Record<number, CellSocket>) {
  const [client, server] = CellSocket.pair();
  this[0] = client;
  this[1] = server;
} as unknown as new () => Record<number, CellSocket>;

function copied(data: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (!ArrayBuffer.isView(data)) return data.slice(0);
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength).slice().buffer;
}
