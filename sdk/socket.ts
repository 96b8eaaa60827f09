/**
 * What makes a Response accept a WebSocket: status 101 and the client's end of a `WebSocketPair`.
 *
 * @example
 * ```ts
 * const { 0: client, 1: server } = new WebSocketPair();
 * server.accept();
 * const upgrade: UpgradeInit = { status: 101, webSocket: client };
 * return new Response(null, upgrade);
 * ```
 */
export interface UpgradeInit extends ResponseInit {
  status: 101;
  webSocket: WebSocket;
}
