import { constants } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { answerRaw } from './client-error.ts';
import { readFirstBytes, type TakeConnection } from './first-bytes.ts';
import { badRequest } from './refuse.ts';

/** What connections are secured with: PEM. */
export interface Keys {
  readonly cert: string;
  readonly key: string;
  /** Who signs certificates of clients; without it none is asked for. */
  readonly clientCa?: string | undefined;
}

export interface SecureOptions {
  readonly keys: Keys;
  /** Ms for a connection's first byte, and again for its handshake. */
  readonly handshakeTimeout: number;
  readonly http1: TakeConnection;
  readonly http2: TakeConnection;
}

export interface Secure {
  /** Connections that come from now on get these. */
  renew(keys: Keys): void;
  /** Connections that have not shaken hands yet. */
  silent(): Iterable<Socket>;
}

/** What a record of TLS that opens a handshake begins with. RFC 8446, section 5.1. */
const HANDSHAKE = 0x16;

/**
 * Speaks TLS on the port of a server, which gets the connections as if it were one of `https`: what they speak inside is said
 * by ALPN (RFC 7301). Who begins with HTTP is told what is spoken here.
 */
export function acceptTls(server: Server, { keys, handshakeTimeout, http1, http2 }: SecureOptions): Secure {
  const shaking = new Set<Socket>();
  // Listens nowhere: connections are given to it.
  const tls = createServer({
    ...contextOf(keys),
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout,
    requestCert: keys.clientCa !== undefined,
    // Whether someone needs one is said by rules; what is wrong with one ends its connection below.
    rejectUnauthorized: false,
  });
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  tls.on('secureConnection', (socket: TLSSocket) => {
    // A certificate that nobody vouches for is no certificate, and its owner should hear so.
    if (keys.clientCa !== undefined && !socket.authorized && 'raw' in socket.getPeerCertificate()) return void socket.destroy();
    // As a server of `https` has it.
    (server as { emit(event: string, socket: TLSSocket): boolean }).emit('secureConnection', socket);
    (socket.alpnProtocol === 'h2' ? http2 : http1)(socket);
  });
  const shake = (socket: Socket) => {
    shaking.add(socket);
    socket.once('close', () => shaking.delete(socket));
    tls.emit('connection', socket);
  };
  tls.on('secureConnection', (socket: TLSSocket) => shaking.delete(rawOf(socket)));
  const silent = readFirstBytes(server, {
    decide: ([first]) => (first === HANDSHAKE ? shake : isLetter(first!) ? refusePlain : null),
    timeout: handshakeTimeout,
  });
  return {
    renew: (next) => tls.setSecureContext(contextOf(next)),
    silent: () => [...silent, ...shaking],
  };
}

/** What came by TLS says so, whatever its client calls it: `http:` in a target (RFC 9112, section 3.2.2) or in `:scheme`. */
export function nameSecure(incoming: IncomingMessage): void {
  if (incoming.httpVersionMajor === 2) incoming.headers[':scheme'] = 'https';
  else if (/^http:/i.test(incoming.url!)) incoming.url = `https${incoming.url!.slice(4)}`;
}

/** Of a server that speaks TLS 1.2 or later, with Node's ciphers. */
export function contextOf({ cert, key, clientCa }: Keys): SecureContextOptions {
  return {
    cert,
    key,
    ...(clientCa !== undefined && { ca: clientCa }),
    minVersion: 'TLSv1.2',
    // RFC 9113, section 9.2.1; and each costs the host more than its client.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/** What the handshake goes over; Node has no other way to it. */
function rawOf(socket: TLSSocket): Socket {
  return (socket as unknown as { readonly _parent: Socket })._parent;
}

function refusePlain(socket: Socket): void {
  void answerRaw(socket, badRequest('TLS is spoken at this port. Write https: in place of http:'));
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
