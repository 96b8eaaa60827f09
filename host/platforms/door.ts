import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

export interface UnderWay {
  readonly requests: number;
  readonly webSockets: number;
}

/** Those of a server's connections that speak something else than HTTP/1.1. */
export interface Upgraded {
  /** Tells their clients that the server goes, those too that come yet. */
  goAway(): void;
  webSockets(): number;
  /** Ends what is not a connection of the server itself. */
  end(): void;
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
const MAX_QUEUE = 5_000;
/** A turn of the event loop in which nothing happens takes less, in ms. */
const SHORT = 0.5;

/**
 * Who has a connection learns with the next response that it is the last one on it (RFC 9112, section 9.6), so that no
 * request is sent to nobody. A connection that is closed while nothing is under way may meet a request half-way.
 */
export function createDoor(server: Server, upgraded: Upgraded): Door {
  const open = new Set<Socket>();
  let came = 0;
  const opened = (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  server.on('connection', (socket: Socket) => {
    came++;
    opened(socket);
  });
  // With TLS it is this one that requests come by.
  server.on('secureConnection', opened);

  /**
   * The system ends connections that wait in a socket when it closes, and the event loop takes one of them in each turn. So
   * it closes at the end of a turn in which none has come, and so short that none can have come since it looked.
   */
  async function allIn(): Promise<void> {
    // The turn that this is in has looked already.
    await new Promise((turned) => setImmediate(turned));
    const end = performance.now() + MAX_QUEUE;
    for (let began = performance.now(); began < end; began = performance.now()) {
      const before = came;
      await new Promise((turned) => setImmediate(turned));
      if (before === came && performance.now() - began < SHORT) return;
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
      upgraded.goAway();
      // Also those that are idle from then on, since their response's head went out before. Right after the event loop has
      // read what has come: one that has only not been read yet would look idle.
      const sweeping = setInterval(() => setImmediate(() => server.closeIdleConnections()), LINGER);
      await closed;
      clearInterval(sweeping);
      server.close();
    },
    underWay: () => ({
      requests: [...open].filter((socket) => responseOf(socket) !== null).length,
      webSockets: upgraded.webSockets(),
    }),
    cut() {
      upgraded.end();
      for (const socket of open) socket.destroy();
    },
  };
}

/** The response that a connection is at; Node has no other way to it, and keeps it there. */
function responseOf(socket: Socket): ServerResponse | null {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? null;
}
