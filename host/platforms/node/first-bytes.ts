import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export type TakeConnection = (socket: Socket) => void;

export interface FirstBytesOptions {
  /** Who takes a connection that began so; null: nobody, it is closed; undefined: more has to be seen. */
  readonly decide: (seen: Buffer) => TakeConnection | null | undefined;
  /** Ms for a connection to say what it speaks. */
  readonly timeout: number;
}

/** HTTP/1.1's own way, which begins with the listeners that a server has now. They are called no more by the server itself. */
export function takeHttp1(server: Server): TakeConnection {
  const listeners = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  return (socket) => listeners.forEach((listener) => listener.call(server, socket));
}

/** Lets the first bytes of each connection say whose it is. Returns the connections of which it is not known yet. */
export function readFirstBytes(server: Server, { decide, timeout }: FirstBytesOptions): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    let seen: Buffer = Buffer.alloc(0);
    silent.add(socket);
    const decided = (take: TakeConnection | null) => {
      silent.delete(socket);
      socket.setTimeout(0).off('timeout', onTimeout).off('readable', onReadable).off('error', onEnd).off('end', onEnd).off('close', onEnd);
      if (take === null) return void socket.destroy();
      if (seen.length > 0) socket.unshift(seen);
      take(socket);
    };
    const onReadable = () => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
        const take = decide(seen);
        if (take !== undefined) return decided(take);
      }
      return undefined;
    };
    const onEnd = () => decided(null);
    const onTimeout = () => decided(null);
    socket.setTimeout(timeout).on('timeout', onTimeout).on('readable', onReadable).on('error', onEnd).on('end', onEnd).on('close', onEnd);
  });
  return silent;
}
