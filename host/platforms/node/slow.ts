import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { BrinkError } from '../../errors.ts';
import { answerRaw } from './client-error.ts';
import { currentOf } from './current.ts';

/**
 * A connection on which nothing has moved for `idleTimeout` is let go if it is the client's turn: to send the rest of a
 * body that someone reads, or to take what has been written. While a function thinks it may stay as it is.
 */
export function letSlowGo(server: Server, { idleTimeout }: { readonly idleTimeout: number }): void {
  server.timeout = idleTimeout;
  server.on('timeout', (socket: Socket) => {
    const current = currentOf(socket);
    if (current === undefined) return void socket.destroy();
    const { incoming, outgoing } = current;
    if (outgoing.writableLength > 0 || socket.writableLength > 0) return void socket.destroy();
    if (!incoming.complete && !incoming.isPaused()) {
      if (outgoing.headersSent) return void socket.destroy();
      return void answerRaw(socket, tooSlow(idleTimeout));
    }
    socket.setTimeout(idleTimeout);
  });
}

function tooSlow(idleTimeout: number): BrinkError {
  return new BrinkError('request-timeout', `Nothing of the request's body came for ${idleTimeout} ms.`, {
    details: { limit: idleTimeout },
  });
}
