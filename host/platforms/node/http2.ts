import {
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { readFirstBytes, takeHttp1, type TakeConnection } from './first-bytes.ts';
import { acceptTls, type Secure, type SecureOptions } from './secure.ts';
import { MAX_HEAD, MAX_LINES } from './refuse.ts';

export interface Http2Options {
  /** Ms after which a connection without a request is closed. */
  readonly keepAliveTimeout: number;
  readonly idleTimeout: number;
  /** Ms for a connection to say what it speaks. */
  readonly headersTimeout: number;
  /** With it the port speaks TLS, and nothing else. */
  readonly tls?: Pick<SecureOptions, 'keys' | 'handshakeTimeout'> | undefined;
}

export interface Http2 {
  /** Where the port speaks TLS. */
  readonly secure: Secure | undefined;
  /** Lets what runs on them finish, then closes connections. */
  drain(): void;
  close(): void;
}

export type Http2Listener = (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => void;

/** RFC 9113, section 3.4: what a client that knows the server to speak HTTP/2 begins with. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** How long a host that stops waits for what a connection speaks, in ms. */
const SILENCE = 250;

/**
 * HTTP/2 on the port of an HTTP/1.1 server. In clear text the first bytes of a connection say which of the two it is (prior
 * knowledge: RFC 9113, section 3.3), and with TLS its handshake; a request of HTTP/1.1 passes nothing new.
 */
export function acceptHttp2(server: Server, listener: Http2Listener, options: Http2Options): Http2 {
  const sessions = new Set<ServerHttp2Session>();
  const http2 = createHttp2Server(
    {
      settings: { maxConcurrentStreams: 100, maxHeaderListSize: MAX_HEAD, enableConnectProtocol: false },
      // Pseudo-headers too.
      maxHeaderListPairs: MAX_LINES + 4,
      maxSessionMemory: 16,
      // Against floods of pings, settings, frames that are none, and of streams that are reset as soon as they are opened.
      maxOutstandingPings: 10,
      maxSettings: 32,
      maxSessionInvalidFrames: 100,
      maxSessionRejectedStreams: 100,
      streamResetBurst: 1_000,
      streamResetRate: 33,
    },
    listener,
  );
  http2.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setTimeout(options.keepAliveTimeout, () => session.close());
  });
  http2.on('checkContinue', (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => http2.emit('request', incoming, outgoing));
  http2.on('sessionError', () => {});
  http2.on('stream', (stream) => {
    stream.setTimeout(options.idleTimeout, () => {
      // The client's turn: its window is closed, or the rest of its body does not come.
      if (stream.writableLength > 0 || (!stream.readableEnded && !stream.isPaused() && !stream.endAfterHeaders))
        stream.close(constants.NGHTTP2_CANCEL);
      else stream.setTimeout(options.idleTimeout);
    });
  });
  const http1 = takeHttp1(server);
  const secure = options.tls && acceptTls(server, { ...options.tls, http1, http2: take });
  const silent = secure === undefined ? readFirstBytes(server, { decide, timeout: options.headersTimeout }) : undefined;

  function decide(seen: Buffer): TakeConnection | undefined {
    const known = Math.min(seen.length, PREFACE.length);
    if (PREFACE.compare(seen, 0, known, 0, known) !== 0) return http1;
    return known === PREFACE.length ? take : undefined;
  }

  function take(socket: Socket): void {
    // HTTP/1.1's server leaves its sockets half open; a session has no use for half of one.
    socket.allowHalfOpen = false;
    http2.emit('connection', socket);
  }

  return {
    secure,
    drain() {
      for (const session of sessions) session.close();
      // One that is in the middle of a handshake, or has just been opened, has a request behind it.
      setTimeout(() => {
        for (const socket of silent ?? secure!.silent()) socket.destroy();
      }, SILENCE);
    },
    close() {
      for (const session of sessions) session.destroy();
    },
  };
}

/** The header lines of a request, as they came. */
export function headerLinesOf(incoming: IncomingMessage): string[] {
  return incoming.httpVersionMajor === 2 ? linesOf(incoming) : incoming.rawHeaders;
}

/**
 * Its header lines as those of HTTP/1.1 would be: without what frames say, with the Host that `:authority` stands for,
 * and the pieces of `cookie` as one line. RFC 9113, sections 8.2.3 and 8.3.1.
 */
function linesOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string[] {
  const lines: string[] = [];
  let cookie = -1;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    const value = rawHeaders[index + 1]!;
    if (name === 'cookie' && cookie !== -1) lines[cookie] += `; ${value}`;
    else if (name === ':authority') lines.unshift('host', value);
    else if (!name.startsWith(':') && !(name === 'host' && lines[0] === 'host')) {
      lines.push(name, value);
      if (name === 'cookie') cookie = lines.length - 1;
    }
  }
  return lines;
}
