/** What is told of a WebSocket between a client and a function. */
export interface SocketWatch {
  /** Bytes of a message of the client. */
  received?(bytes: number): void;
  /** Bytes of a message of the function. */
  sent?(bytes: number): void;
  /** Once, when the client's connection has ended, in whichever way. */
  closed?(): void;
}

/** Has somebody told of the WebSocket that a response with 101 begins. Gives the response that goes on. */
export type WatchSocket = (response: Response, watch: SocketWatch) => Response;
