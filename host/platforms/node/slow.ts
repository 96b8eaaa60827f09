import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { BrinkError } from '../../errors.ts';
import { answerRaw } from './client-error.ts';
import type { NodeRaw } from './call.ts';
import { currentOf } from './current.ts';

export interface SlowOptions {
  /** Ms without a byte when it is the client's turn. */
  readonly idleTimeout: number;
  /** Ms that a connection is kept without a request. */
  readonly keepAliveTimeout: number;
}

/** A connection as it was when it was looked at last. */
interface Seen {
  /** The request that it was at. */
  current: NodeRaw | undefined;
  /** Whether Node times it. */
  timed: boolean;
  /** Bytes that had come. */
  read: number;
  /** Since when no more have (`performance.now()`). */
  since: number;
}

/** How often all connections are looked at, in ms, at most and at least. */
const RARELY = 5_000;
const OFTEN = 20;
/** A client that uses a connection in the last moment of which it was told has to find it there, in ms. */
const SPARE = 1_000;

/**
 * Lets go of a connection on which nothing has moved for `idleTimeout` if it is the client's turn: to send the rest of a body
 * that someone reads, or to take what has been written. While a function thinks it may stay as it is. One without a request
 * stays for `keepAliveTimeout`, and for a while longer.
 *
 * Node has a timer for each connection, which it would set with every request, and with everything that it reads and writes.
 * Here that is done only for requests that take long, and all others are looked at now and then.
 */
export function letSlowGo(server: Server, { idleTimeout, keepAliveTimeout }: SlowOptions): void {
  const connections = new Map<Socket, Seen>();
  server.timeout = 0;
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => {
    connections.set(socket, { current: undefined, timed: false, read: -1, since: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  // From then on it is no connection of HTTP.
  server.on('upgrade', ({ socket }: IncomingMessage) => connections.delete(socket));
  const every = Math.min(RARELY, Math.max(OFTEN, Math.min(idleTimeout, keepAliveTimeout) / 4));
  const looking = setInterval(() => {
    const now = performance.now();
    for (const [socket, seen] of connections) look(socket, seen, now);
  }, every).unref();
  server.once('close', () => clearInterval(looking));
  server.on('timeout', (socket: Socket) => {
    const current = currentOf(socket);
    if (current === undefined) return void socket.setTimeout(0);
    const { incoming, outgoing } = current;
    if (outgoing.writableLength > 0 || socket.writableLength > 0) return void socket.destroy();
    if (!incoming.complete && !incoming.isPaused()) {
      if (outgoing.headersSent) return void socket.destroy();
      return void answerRaw(socket, tooSlow(idleTimeout));
    }
    socket.setTimeout(idleTimeout);
  });

  function look(socket: Socket, seen: Seen, now: number): void {
    const current = currentOf(socket);
    const timed = current !== undefined && current === seen.current;
    if (timed !== seen.timed) socket.setTimeout(timed ? idleTimeout : 0);
    seen.timed = timed;
    seen.current = current;
    const read = current === undefined ? socket.bytesRead : -1;
    if (read === -1 || read !== seen.read) {
      seen.read = read;
      seen.since = now;
    } else if (now - seen.since >= keepAliveTimeout + SPARE) socket.destroy();
  }
}

function tooSlow(idleTimeout: number): BrinkError {
  return new BrinkError('request-timeout', `Nothing of the request's body came for ${idleTimeout} ms.`, {
    details: { limit: idleTimeout },
  });
}
