import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer, type WebSocket } from 'ws';
import { toBrinkError, type BrinkError } from '../../errors.ts';
import { problemResponse } from '../../gateway/problem.ts';
import { WINDOW } from './frames.ts';
import type { NodeFetch } from './front.ts';
import { headerLines } from './light-response.ts';
import { badRequest } from './refuse.ts';
import { nameSecure } from './secure.ts';
import { Upgrade } from './upgrade.ts';
import { writeResponse } from './write.ts';

/** As in Workers. https://developers.cloudflare.com/workers/platform/limits/ */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** A client that takes messages this much more slowly than they come is let go. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;
/** What `ws` writes itself. RFC 6455, section 4.2.2. */
const HANDSHAKE = new Set([
  'connection',
  'upgrade',
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
  'content-length',
]);

/** Requests with `Connection: Upgrade`: the function decides, by the response that it gives. */
export function acceptUpgrades(server: Server, fetch: NodeFetch, refuse: (incoming: IncomingMessage) => BrinkError | null): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    clientTracking: true,
    handleProtocols: (_offered, request) => accepted.get(request) ?? false,
  });
  serversOf.set(server, sockets);
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    respond(incoming, socket, head).catch(() => socket.destroy());
  });
  server.on('close', () => {
    for (const client of sockets.clients) client.terminate();
  });

  async function respond(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const outgoing = new ServerResponse(incoming);
    const refused = refuse(incoming);
    const response = refused ? problemResponse(refused) : await answer(incoming, outgoing);
    const upgrade = (response as { webSocket?: unknown }).webSocket;
    if (response.status === 101 && upgrade instanceof Upgrade) return accept(incoming, socket, head, response, upgrade);
    outgoing.assignSocket(socket as never);
    outgoing.shouldKeepAlive = false;
    outgoing.once('finish', () => socket.end());
    return writeResponse(response, outgoing);
  }

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<Response> {
    try {
      const headers = new Headers();
      for (let index = 0; index < incoming.rawHeaders.length; index += 2)
        headers.append(incoming.rawHeaders[index]!, incoming.rawHeaders[index + 1]!);
      const request = new Request(urlOf(incoming), { method: incoming.method!, headers });
      return await fetch(request, { incoming, outgoing });
    } catch (error) {
      return problemResponse(toBrinkError(error));
    }
  }

  function accept(incoming: IncomingMessage, socket: Duplex, head: Buffer, response: Response, upgrade: Upgrade): void {
    const { protocol } = upgrade;
    if (protocol !== null) accepted.set(incoming, protocol);
    const lines = headerLines(response.headers);
    const own: string[] = [];
    for (let index = 0; index < lines.length; index += 2)
      if (!HANDSHAKE.has(lines[index]!)) own.push(`${lines[index]}: ${lines[index + 1]}`);
    sockets.once('headers', (handshake, request) => {
      if (request === incoming) handshake.push(...own);
    });
    let joined = false;
    sockets.handleUpgrade(incoming, socket, head, (client) => {
      joined = true;
      join(client, upgrade);
      if (leaving.has(server)) leave(client);
    });
    // Its handshake was none, or it has gone: `ws` has answered already.
    if (!joined) upgrade.abandon();
  }
}

/** A path that begins with two slashes is one, and names no other host. */
function urlOf(incoming: IncomingMessage): URL {
  const secure = (incoming.socket as Partial<TLSSocket>).encrypted === true;
  if (secure) nameSecure(incoming);
  const { url, headers } = incoming;
  const target = url!.startsWith('/') ? `${secure ? 'https' : 'http'}://${headers.host}${url}` : url!;
  if (URL.canParse(target) && URL.canParse(`http://${headers.host}/`) && new URL(`http://${headers.host}/`).pathname === '/')
    return new URL(target);
  throw badRequest('Its target and its Host make no URL');
}

const serversOf = new WeakMap<Server, WebSocketServer>();
const leaving = new WeakSet<Server>();

/** Those of a server; each client has to answer that it goes. RFC 6455, section 7.4.1. */
export function webSocketsOf(server: Server): { goAway(): void; count(): number } {
  const clients = () => serversOf.get(server)?.clients ?? new Set<WebSocket>();
  return {
    goAway() {
      leaving.add(server);
      for (const client of clients()) leave(client);
    },
    count: () => clients().size,
  };
}

function leave(client: WebSocket): void {
  // Whose messages are not taken now, its answer would wait behind them.
  client.resume();
  client.close(1001, 'The host stops.');
}

/** The subprotocol that the function chose for a request. */
const accepted = new WeakMap<IncomingMessage, string>();

function join(client: WebSocket, upgrade: Upgrade): void {
  const cell = upgrade.open({
    message(data) {
      client.send(data);
      if (client.bufferedAmount > MAX_UNSENT_BYTES) client.terminate();
    },
    close(code, reason) {
      if (code === 1005) client.close();
      else if (code === 1006) client.terminate();
      else client.close(code, reason.slice(0, 100));
    },
  });
  let ahead = 0;
  upgrade.granted = (size) => {
    ahead -= size;
    if (ahead <= WINDOW && client.isPaused) client.resume();
  };
  client.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? new Uint8Array(data) : data.toString();
    ahead += message.length;
    if (ahead > WINDOW) client.pause();
    cell.message(message);
  });
  client.on('error', () => {});
  client.on('close', (code, reason) => cell.close(code, reason.toString()));
}
