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
    return this.#cell;
  }

  message(data: string | Uint8Array): void {
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
