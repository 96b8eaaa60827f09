import { renameSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { PATIENCE } from './gate.ts';

/** The path at which the host reaches a shard, whichever process that is. While there is none, who comes waits. */
export interface ShardSocket {
  readonly path: string;
  /** @param until when there may be one again, in milliseconds since the epoch; 0: soon */
  hold(until?: number): void;
  lead(to: string): void;
  close(): void;
}

/** A link, which changes at once. So there is nothing in between while the process is there, and nobody is refused while it is not. */
export async function openShardSocket(path: string): Promise<ShardSocket> {
  const here = `${path}.held`;
  const waiting = new Map<Socket, NodeJS.Timeout>();
  let leads: string | null = null;
  let until = 0;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    // It has come before the link changed.
    if (leads !== null) return passOn(socket, leads);
    if (until - Date.now() > PATIENCE) return void socket.destroy();
    waiting.set(
      socket,
      setTimeout(() => socket.destroy(), PATIENCE),
    );
    socket.once('close', () => forget(socket));
    return undefined;
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(here, resolve));

  function forget(socket: Socket): void {
    clearTimeout(waiting.get(socket));
    waiting.delete(socket);
  }

  function link(to: string): void {
    symlinkSync(to, `${path}.next`);
    renameSync(`${path}.next`, path);
  }

  function hold(time = 0): void {
    until = time;
    leads = null;
    link(here);
    if (until - Date.now() > PATIENCE) for (const socket of waiting.keys()) socket.destroy();
  }

  hold();
  return {
    path,
    hold,
    lead(to) {
      leads = to;
      link(to);
      for (const socket of waiting.keys()) {
        forget(socket);
        passOn(socket, to);
      }
    },
    close() {
      server.close();
      for (const socket of waiting.keys()) socket.destroy();
    },
  };
}

function passOn(socket: Socket, to: string): void {
  const behind = connect(to);
  behind.on('error', () => {}).once('close', () => socket.destroy());
  socket.once('close', () => behind.destroy());
  socket.pipe(behind).pipe(socket);
}
