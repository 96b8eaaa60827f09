import { Agent, createServer, request, ServerResponse, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { toBrinkError } from '../../errors.ts';
import { problemResponse } from '../../gateway/problem.ts';
import { readinessResponse } from '../../gateway/readiness.ts';
import type { Upgraded } from '../door.ts';
import { PATIENCE, type Gate } from './gate.ts';

export interface FrontOptions {
  /** Where the runtime listens, on this machine. */
  readonly port: number;
  readonly gate: Gate;
  readonly draining: () => boolean;
  /** Why a request that the runtime had has no answer: it has gone. */
  readonly lost: () => Error;
}

export interface Front {
  readonly server: Server;
  readonly upgraded: Upgraded;
  /** How many requests the runtime has. */
  underWay(): number;
  /** Forgets connections to a runtime that has gone. */
  reset(): void;
}

/** Of one connection: not passed on. RFC 9110, section 7.6.1. Node has answered `Expect` itself. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'expect']);

/** A request that the runtime refused comes again after so many ms. */
const REFUSED = 5;

const BODILESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/**
 * Stands between clients and a runtime that may have to be killed: a client whose request the runtime took with it gets
 * problem details instead of a broken connection, and one that comes meanwhile waits. Adds no header.
 */
export function createRuntimeFront({ port, gate, draining, lost }: FrontOptions): Front {
  const agent = new Agent({ keepAlive: true });
  const upgraded = new Set<Duplex>();
  let underWay = 0;
  const server = createServer({ keepAliveTimeout: 65_000, headersTimeout: 30_000, requestTimeout: 0 }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => answer(problemOf(error), outgoing));
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const outgoing = new ServerResponse(incoming);
    upgrade(incoming, socket, head).catch((error: unknown) => {
      outgoing.assignSocket(socket as never);
      outgoing.shouldKeepAlive = false;
      outgoing.once('finish', () => socket.end());
      void answer(problemOf(error), outgoing);
    });
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const own = ownAnswer(incoming.url!);
    if (own !== null) return answer(own, outgoing);
    if (!gate.isOpen) await gate.passed();
    if (!outgoing.destroyed) passOn(incoming, outgoing);
  }

  function passOn(incoming: IncomingMessage, outgoing: ServerResponse, until = Date.now() + PATIENCE): void {
    underWay++;
    const asked = ask(incoming, requestLines(incoming));
    const over = () => {
      underWay--;
      // An orderly end is noticed by workerd only when it writes.
      if (!outgoing.writableFinished) asked.socket?.resetAndDestroy();
      asked.destroy();
    };
    outgoing.once('close', over);
    asked.once('response', (response) => {
      // It wants no more of the body, and so the connection is good for nothing else. RFC 9112, section 9.3.
      if (!incoming.complete) outgoing.shouldKeepAlive = false;
      outgoing.writeHead(response.statusCode!, response.statusMessage, linesOf(response.rawHeaders));
      // Its first piece takes the head along; where that is long in coming, the head goes alone.
      setImmediate(() => outgoing.writableEnded || outgoing.flushHeaders());
      // Where it breaks off, so does what the client gets. RFC 9112, section 8.
      pipeline(response, outgoing, () => {});
    });
    asked.on('error', (error) => {
      incoming.unpipe(asked);
      if (outgoing.headersSent || outgoing.destroyed) return;
      if (!isRefused(error)) return void answer(problemOf(lost()), outgoing);
      outgoing.off('close', over);
      underWay--;
      comeAgain(until).then(
        () => outgoing.destroyed || passOn(incoming, outgoing, until),
        (late: unknown) => answer(problemOf(late), outgoing),
      );
    });
    // Of a request that is refused nothing has been read.
    onceConnected(asked, () => incoming.pipe(asked));
  }

  /** The runtime has ended and this process has not heard of it yet: nobody had the request, and so it waits like others. */
  async function comeAgain(until: number): Promise<void> {
    if (Date.now() > until) throw lost();
    if (gate.isOpen) await wait(REFUSED);
    if (!gate.isOpen) await gate.passed();
  }

  /** Only the handshake is looked at; what follows are bytes. */
  async function upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!gate.isOpen) await gate.passed();
    const until = Date.now() + PATIENCE;
    while (!socket.destroyed && !(await shakeHands(incoming, socket, head))) await comeAgain(until);
  }

  /** @returns whether the runtime was there */
  function shakeHands(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<boolean> {
    const asked = ask(incoming, incoming.rawHeaders);
    asked.end();
    return new Promise<boolean>((resolve, reject) => {
      socket.once('close', () => asked.destroy());
      asked.once('error', (error) => (isRefused(error) ? resolve(false) : reject(lost())));
      asked.once('response', (response) => {
        socket.write(headOf(response, linesOf(response.rawHeaders), 'Connection: close\r\n'));
        pipeline(response, socket, () => {});
        resolve(true);
      });
      asked.once('upgrade', (response, behind: Duplex, first: Buffer) => {
        socket.write(headOf(response, response.rawHeaders));
        if (first.length > 0) socket.write(first);
        if (head.length > 0) behind.write(head);
        upgraded.add(socket);
        socket.once('close', () => upgraded.delete(socket));
        behind.on('error', () => {}).once('close', () => socket.destroy());
        socket.once('close', () => behind.destroy());
        socket.pipe(behind).pipe(socket);
        resolve(true);
      });
    });
  }

  function ask({ method, url }: IncomingMessage, headers: readonly string[]): ClientRequest {
    return request({ host: '127.0.0.1', port, agent, method: method!, path: url!, headers, setHost: false });
  }

  function ownAnswer(url: string): Response | null {
    if (!url.startsWith('/_brink/health/')) return null;
    if (url === '/_brink/health/live') return Response.json({ status: 'live' }, { headers: { 'cache-control': 'no-store' } });
    if (url !== '/_brink/health/ready' || (gate.isOpen && !draining())) return null;
    return readinessResponse({ starting: !gate.isOpen, draining: draining(), overloaded: false, storeReachable: gate.isOpen });
  }

  return {
    server,
    // What a function and its client are at is not known here: their connections are cut with the runtime's end.
    upgraded: { goAway: () => upgraded.forEach((socket) => socket.destroy()), webSockets: () => upgraded.size, end() {} },
    underWay: () => underWay,
    reset: () => agent.destroy(),
  };
}

function isRefused(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNREFUSED';
}

function onceConnected(asked: ClientRequest, done: () => void): void {
  asked.once('socket', (socket) => {
    readToTheEnd(socket);
    if (socket.connecting) socket.once('connect', done);
    else done();
  });
}

/**
 * A runtime that answers before it has all of a body closes the connection soon after. What is written then fails, while its
 * answer may still lie there to be read: so the end of what is read alone ends the socket.
 */
function readToTheEnd(socket: Socket): void {
  if (Object.hasOwn(socket, '_write')) return;
  const write = socket._write.bind(socket);
  const writev = socket._writev!.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, () => done());
  socket._writev = (chunks, done) => writev(chunks, () => done());
}

/** Node frames a body by these lines. */
function requestLines({ rawHeaders, headers, method }: IncomingMessage): string[] {
  const lines = linesOf(rawHeaders);
  if (headers['transfer-encoding'] !== undefined) lines.push('Transfer-Encoding', 'chunked');
  // Without either a request has no body, where Node would send one of no bytes, in pieces. RFC 9110, section 8.6.
  else if (headers['content-length'] === undefined && !BODILESS.has(method!)) lines.push('Content-Length', '0');
  return lines;
}

function linesOf(rawHeaders: readonly string[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    // A body that comes in pieces goes on in pieces; `Connection` may not name what ends here.
    if (!HOP_BY_HOP.has(rawHeaders[index]!.toLowerCase())) lines.push(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  return lines;
}

function headOf({ statusCode, statusMessage }: IncomingMessage, lines: readonly string[], more = ''): string {
  let text = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`;
  for (let index = 0; index < lines.length; index += 2) text += `${lines[index]}: ${lines[index + 1]}\r\n`;
  return `${text}${more}\r\n`;
}

function problemOf(error: unknown): Response {
  const known = toBrinkError(error);
  const after = known.details?.['retryAfter'];
  return problemResponse(known, typeof after === 'number' ? { headers: { 'retry-after': String(after) } } : {});
}

async function answer(response: Response, outgoing: ServerResponse): Promise<void> {
  if (outgoing.headersSent || outgoing.destroyed) return;
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}
