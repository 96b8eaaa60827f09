import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Front } from './front.ts';
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
/** Where connections come faster than they are taken, the door closes after so many ms all the same. */
const MAX_QUEUE = 1_000;

/**
 * Who has a connection learns with the next response that it is the last one on it (RFC 9112, section 9.6), so that no
 * request is sent to nobody. A connection that is closed while nothing is under way may meet a request half-way.
 */
export function createDoor({ server, http2 }: Front): Door {
  const open = new Set<Socket>();
  let came = 0;
  server.on('connection', (socket: Socket) => {
    came++;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });

  /**
   * The system ends connections that wait in a socket when it closes, and the event loop takes one of them in each turn: it
   * closes at the end of a turn in which none has come.
   */
  async function allIn(): Promise<void> {
    const end = performance.now() + MAX_QUEUE;
    for (let before = -1; before !== came && performance.now() < end;) {
      before = came;
      await new Promise((turned) => setImmediate(() => setImmediate(turned)));
    }
  }

  return {
    async close() {
      const closed = once(server, 'close');
      await allIn();
      server.prependListener('request', (_incoming, outgoing: ServerResponse) => void (outgoing.shouldKeepAlive = false));
      for (const socket of open) {
        const outgoing = responseOf(socket);
        if (outgoing !== null && !outgoing.headersSent) outgoing.shouldKeepAlive = false;
      }
      // That of `http` would close idle connections in the same moment.
      NetServer.prototype.close.call(server);
      goAway(server);
      http2.drain();
      // Also those that are idle from then on, since their response's head went out before. Right after the event loop has
      // read what has come: one that has only not been read yet would look idle.
      const sweeping = setInterval(() => setImmediate(() => server.closeIdleConnections()), LINGER);
      await closed;
      clearInterval(sweeping);
      server.close();
    },
    underWay: () => ({
      requests: [...open].filter((socket) => responseOf(socket) !== null).length,
      webSockets: webSocketsOf(server),
    }),
    cut() {
      http2.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** The response that a connection is at; Node has no other way to it, and keeps it there. */
function responseOf(socket: Socket): ServerResponse | null {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? null;
}
