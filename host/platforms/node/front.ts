import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { BrinkError } from '../../errors.ts';
import { METHODS, noMethod } from '../../gateway/methods.ts';
import { problemResponse } from '../../gateway/problem.ts';
import type { FrontLimits } from '../running.ts';
import type { NodeRaw } from './call.ts';
import { answerClientError, answerRaw } from './client-error.ts';
import { continueWhenRead } from './continue.ts';
import { begin, currentOf, endAfter, isOver } from './current.ts';
import { responsesOf } from './front-response.ts';
import { acceptHttp2, type Http2 } from './http2.ts';
import { headerLines, LightResponse } from './light-response.ts';
import { plainRequests } from './plain-request.ts';
import { badRequest, MAX_HEAD, refuse, refuseHttp2 } from './refuse.ts';
import { nameSecure, type Keys } from './secure.ts';
import { letSlowGo } from './slow.ts';
import { acceptUpgrades } from './web-socket.ts';
import { writeLight, writeWhole } from './write.ts';

export type NodeFetch = (request: Request, env: NodeRaw) => Response | Promise<Response>;

/** The HTTP server before a host. */
export interface Front {
  /** Of HTTP/1.1; its port speaks HTTP/2 as well. */
  readonly server: Server;
  /** Its connections of HTTP/2. */
  readonly http2: Http2;
}

export interface FrontOptions extends FrontLimits {
  /** With them the port speaks TLS. */
  readonly keys?: Keys | undefined;
}

/** Ms after which a silent peer is asked whether it is still there, by TCP. */
const PROBE = 60_000;

/** The listener has nothing left to write. https://github.com/honojs/node-server (`RESPONSE_ALREADY_SENT`) */
const WRITTEN = new Response(null, { headers: { 'x-hono-already-sent': 'true' } });

/** Requests that Node's parser lets pass and no standard allows end here. */
export function createFront(fetch: NodeFetch, options: FrontOptions = {}): Front {
  // A body may take its time; what may not is the head. Proxies keep connections for 60 s as a rule.
  const { headersTimeout = 30_000, idleTimeout = 60_000, keepAliveTimeout = 65_000, maxConnections } = options;
  const { keys, handshakeTimeout = 10_000 } = options;
  const plainRequest = plainRequests(keys === undefined ? 'http' : 'https');
  const listener = getRequestListener(
    (request, env) => {
      const raw = env as unknown as NodeRaw;
      if (raw.incoming.httpVersionMajor === 1) begin(raw);
      const response = fetch(request, raw);
      return response instanceof Promise ? response.then((late) => write(late, raw.outgoing)) : write(response, raw.outgoing);
    },
    {
      overrideGlobalObjects: false,
      errorHandler: (error) => problemResponse(error instanceof Error && error.name === 'RequestError' ? badRequest(error.message) : error),
    },
  );
  const server = createServer(
    {
      ServerResponse: responsesOf(keepAliveTimeout),
      headersTimeout,
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(5_000, headersTimeout),
      insecureHTTPParser: false,
      optimizeEmptyRequests: true,
      maxHeaderSize: MAX_HEAD,
      requireHostHeader: false,
      keepAlive: true,
      keepAliveInitialDelay: PROBE,
      shouldUpgradeCallback: takesUpgrade,
    },
    accept,
  );
  // Who ends its side still gets its answer (`ended`).
  (server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
  if (maxConnections !== undefined) {
    server.maxConnections = maxConnections;
    (server as { dropMaxConnection?: boolean }).dropMaxConnection = true;
  }
  server.on('connection', (socket: Socket) => socket.once('end', () => ended(socket)));
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    continueWhenRead(incoming, outgoing);
    accept(incoming, outgoing);
  });
  server.on('checkExpectation', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void answer(outgoing, new BrinkError('expectation-failed', `What the request expects is not known here: ${incoming.headers.expect}.`));
  });
  server.on('connect', (_incoming: IncomingMessage, socket: Socket) => {
    void answerRaw(socket, noMethod('This is no proxy that CONNECT could go through.'));
  });
  server.on('clientError', (error: Error, socket: Socket) => answerClientError(error, socket));
  letSlowGo(server, { idleTimeout, keepAliveTimeout });
  acceptUpgrades(server, fetch, refuse);
  const http2 = acceptHttp2(
    server,
    (incoming, outgoing) => {
      const raw = { incoming, outgoing } as unknown as NodeRaw;
      const refused = refuseHttp2(raw.incoming);
      if (refused) return void answer(raw.outgoing, refused);
      if (keys !== undefined) nameSecure(raw.incoming);
      if (incoming.headers.expect !== undefined) continueWhenRead(raw.incoming, raw.outgoing);
      return pass(raw.incoming, raw.outgoing);
    },
    { keepAliveTimeout, idleTimeout, headersTimeout, tls: keys && { keys, handshakeTimeout } },
  );
  return { server, http2 };

  function accept(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (isOver(incoming.socket)) return undefined;
    if ((incoming as MaybeUpgrade)[IGNORED]) outgoing.shouldKeepAlive = false;
    const refused = refuse(incoming);
    if (refused) return void answer(outgoing, refused);
    // RFC 9110, section 9.3.7: about the server as a whole.
    if (incoming.url === '*' && incoming.method === 'OPTIONS') return void outgoing.writeHead(204, { allow: METHODS.join(', ') }).end();
    // RFC 9112, section 3.3: a client of HTTP/1.0 need not say whom it means.
    if (incoming.httpVersionMinor === 0) incoming.headers.host ??= addressOf(incoming.socket);
    if (keys !== undefined) nameSecure(incoming);
    return pass(incoming, outgoing);
  }

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const plain = plainRequest(incoming, outgoing);
    if (plain !== undefined) return answerPlain(fetch, plain, { incoming, outgoing });
    // RFC 9112, section 3.2.1: a target has no fragment.
    const hash = incoming.url!.indexOf('#');
    if (hash !== -1) incoming.url = incoming.url!.slice(0, hash);
    void listener(incoming, outgoing);
  }
}

function addressOf({ localAddress = '', localPort }: Socket): string {
  return `${isIPv6(localAddress) ? `[${localAddress}]` : localAddress}:${localPort}`;
}

/** A request whose `Upgrade` is ignored. */
const IGNORED = Symbol('ignored');

interface MaybeUpgrade extends IncomingMessage {
  [IGNORED]?: true;
}

/** `Upgrade` may be ignored, and is for all but WebSockets (RFC 9110, section 7.8). Node then loses what follows in the same packet. */
function takesUpgrade(incoming: IncomingMessage): boolean {
  const takes = incoming.method === 'GET' && incoming.headers.upgrade?.toLowerCase() === 'websocket';
  if (!takes) (incoming as MaybeUpgrade)[IGNORED] = true;
  return takes;
}

/** Without the listener's own Request, and its look at a response that is written. */
function answerPlain(fetch: NodeFetch, request: Request, raw: NodeRaw): void {
  begin(raw);
  const { outgoing } = raw;
  const response = fetch(request, raw);
  if (response instanceof Promise) {
    response.then(
      (late) => writeAny(late, outgoing),
      (error: unknown) => writeProblem(error, outgoing),
    );
  } else writeAny(response, outgoing);
}

function writeAny(response: Response, outgoing: ServerResponse): void {
  try {
    const written = LightResponse.is(response) ? writeLight(response, outgoing) : writeWhole(response, outgoing);
    written?.catch((error: unknown) => writeProblem(error, outgoing));
  } catch (error) {
    writeProblem(error, outgoing);
  }
}

function writeProblem(error: unknown, outgoing: ServerResponse): void {
  if (outgoing.headersSent) outgoing.destroy();
  else writeWhole(problemResponse(error), outgoing).catch(() => outgoing.destroy());
}

/** A cell's response leaves with its header lines as they are; any other goes the listener's way. */
function write(response: Response, outgoing: ServerResponse): Response | Promise<Response> {
  if (!LightResponse.is(response)) return response;
  const written = writeLight(response, outgoing);
  return written === undefined ? WRITTEN : written.then(() => WRITTEN);
}

/** What is wrong with one request makes the next on its connection doubtful. */
async function answer(outgoing: ServerResponse, error: BrinkError): Promise<void> {
  endAfter(outgoing.req.socket);
  const response = problemResponse(error);
  const body = await response.text();
  outgoing.shouldKeepAlive = false;
  outgoing.writeHead(response.status, headerLines(response.headers)).end(body);
}

/**
 * The client has ended its side. It may wait for its answer all the same; but on a connection that was to be kept, and
 * with a body under way, it has left: nothing else would say so until more of the body comes.
 */
function ended(socket: Socket): void {
  const raw = currentOf(socket);
  if (raw === undefined) return;
  const { headersSent, writableEnded, shouldKeepAlive } = raw.outgoing;
  if (headersSent && !writableEnded && shouldKeepAlive) socket.destroy();
  else raw.call?.left();
}
