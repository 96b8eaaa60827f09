import type { SocketWatch, WatchSocket } from '../../gateway/socket-watch.ts';

/** One end of a WebSocket's messages, as this end's user calls it. */
export interface SocketEnd {
  message(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

/** What a response with status 101 carries as `webSocket` on the main thread: joins the client to the cell. */
export class Upgrade implements SocketEnd {
  /** The subprotocol, or null. */
  readonly protocol: string | null;
  readonly #cell: SocketEnd;
  #client: SocketEnd | undefined;
  #waiting: ((client: SocketEnd) => void)[] = [];
  #watches: SocketWatch[] | undefined;
  /** Tells the client's connection that the cell has taken this many bytes. */
  granted: ((bytes: number) => void) | undefined;

  constructor(protocol: string | null, cell: SocketEnd) {
    this.protocol = protocol;
    this.#cell = cell;
  }

  /** Couples the client; returns what takes its messages. */
  open(client: SocketEnd): SocketEnd {
    this.#client = client;
    for (const send of this.#waiting.splice(0)) send(client);
    return this.#watches === undefined ? this.#cell : watched(this.#cell, this.#watches);
  }

  /** Nobody comes: the function's end hears that it is alone. */
  abandon(): void {
    this.open({ message() {}, close() {} }).close(1006, '');
  }

  /** Before it is open. */
  watch(watch: SocketWatch): void {
    (this.#watches ??= []).push(watch);
  }

  message(data: string | Uint8Array): void {
    if (this.#watches !== undefined) tell(this.#watches, 'sent', data);
    this.#toClient((client) => client.message(data));
  }

  close(code: number, reason: string): void {
    this.#toClient((client) => client.close(code, reason));
  }

  #toClient(send: (client: SocketEnd) => void): void {
    if (this.#client) send(this.#client);
    else this.#waiting.push(send);
  }
}

/** The cell's end, where somebody is told of what the client does. */
function watched(cell: SocketEnd, watches: readonly SocketWatch[]): SocketEnd {
  let closed = false;
  return {
    message(data) {
      tell(watches, 'received', data);
      cell.message(data);
    },
    close(code, reason) {
      cell.close(code, reason);
      if (closed) return;
      closed = true;
      for (const watch of watches) watch.closed?.();
    },
  };
}

function tell(watches: readonly SocketWatch[], way: 'received' | 'sent', data: string | Uint8Array): void {
  for (const watch of watches) watch[way]?.(typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength);
}

/** Tells of the WebSocket of a cell's response. */
export const watchUpgrade: WatchSocket = (response, watch) => {
  const { webSocket } = response as { readonly webSocket?: unknown };
  if (webSocket instanceof Upgrade) webSocket.watch(watch);
  return response;
};
