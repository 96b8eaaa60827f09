import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { goAway, webSocketsOf } from './web-socket.ts';

export interface UnderWay {
  readonly requests: number;
  readonly webSockets: number;
}

/** The connections of a server, and their end. */
export interface Door {
  /** Lets no one new in; resolves when the last connection has ended by itself. */
  close(): Promise<void>;
  /** What has a connection that does something. */
  underWay(): UnderWay;
  /** Ends every connection at once. */
  cut(): void;
}

/** A connection that does nothing is closed so many ms after the others were told: most get their `Connection: close` before. */
const LINGER = 100;

/**
 * Who has a connection learns with the next response that it is the last one on it (RFC 9112, section 9.6), so that no
 * request is sent to nobody. A connection that is closed while nothing is under way may meet a request half-way.
 */
export function createDoor(server: Server): Door {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    async close() {
      const closed = once(server, 'close');
      // Right after the event loop has taken those that have come, since the system ends what waits in a socket that closes.
      await new Promise((polled) => setImmediate(polled));
      server.prependListener('request', (_incoming, outgoing: ServerResponse) => void (outgoing.shouldKeepAlive = false));
      for (const socket of open) {
        const outgoing = responseOf(socket);
        if (outgoing !== null && !outgoing.headersSent) outgoing.shouldKeepAlive = false;
      }
      // That of `http` would close idle connections in the same moment.
      NetServer.prototype.close.call(server);
      goAway(server);
      // Also those that are idle from then on, since their response's head went out before.
      const sweeping = setInterval(() => server.closeIdleConnections(), LINGER);
      await closed;
      clearInterval(sweeping);
      server.close();
    },
    underWay: () => ({
      requests: [...open].filter((socket) => responseOf(socket) !== null).length,
      webSockets: webSocketsOf(server),
    }),
    cut() {
      for (const socket of open) socket.destroy();
    },
  };
}

/** The response that a connection is at; Node has no other way to it, and keeps it there. */
function responseOf(socket: Socket): ServerResponse | null {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? null;
}
