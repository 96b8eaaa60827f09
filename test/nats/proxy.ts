import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What lies between a host and NATS, and can fail. */
export interface Proxy {
  readonly url: string;
  /** Ends every connection, and takes no other. */
  cut(): Promise<void>;
  /** Lets connections be, and nothing through. */
  hang(): void;
  heal(): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(to: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let hanging = false;
  let port = 0;
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => {
        into.write(data);
        if (hanging) from.pause();
      });
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        into.destroy();
      });
      if (hanging) from.pause();
    }
  });
  const listen = async () => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const shut = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen();
  return {
    url: `nats://127.0.0.1:${port}`,
    cut: shut,
    hang() {
      hanging = true;
      for (const socket of sockets) socket.pause();
    },
    async heal() {
      hanging = false;
      for (const socket of sockets) socket.resume();
      if (!server.listening) await listen();
    },
    close: shut,
  };
}
