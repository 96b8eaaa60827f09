import { once } from 'node:events';
import { createServer, isIP, type AddressInfo, type Server } from 'node:net';
import process from 'node:process';
import { BrinkError } from '../errors.ts';

export interface Address {
  readonly hostname: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Whether TLS is spoken there, which its URL says. */
  readonly secure?: boolean;
  /**
   * Whether a later process may listen there as well: `free` where nobody else does now, `taken-over` where somebody does.
   * The system gives each connection to one of them. On Linux, FreeBSD, Solaris and AIX; elsewhere a port is one process's.
   */
  readonly shared?: 'free' | 'taken-over' | undefined;
}

/** The first socket that systemd hands over. https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html */
const FIRST_FD = 3;

/** Gives the URL. @throws {BrinkError} `port-in-use`, `address-unavailable` */
export async function listen(server: Server, address: Address): Promise<string> {
  const { hostname, port, secure, shared } = address;
  try {
    if (isHandedOver()) await listening(server, { fd: FIRST_FD });
    else if (shared === undefined) await listening(server, { port, host: hostname });
    else await share(server, address);
  } catch (cause) {
    throw cannotListen(cause, hostname, port);
  }
  return urlOf(hostname, (server.address() as AddressInfo).port, secure);
}

export function urlOf(hostname: string, port: number, secure = false): string {
  return `${secure ? 'https' : 'http'}://${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
}

/** One that nobody has now, for those who have to say it before they listen. */
export async function freePort(hostname: string): Promise<number> {
  const server = createServer();
  await listening(server, { port: 0, host: hostname });
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function isHandedOver(): boolean {
  const { LISTEN_PID, LISTEN_FDS } = process.env;
  return LISTEN_PID === String(process.pid) && LISTEN_FDS === '1';
}

async function share(server: Server, { hostname: host, port, shared }: Address): Promise<void> {
  if (shared === 'free' && port !== 0) {
    // With `reusePort` it would work also where somebody listens who lets it be shared.
    const alone = createServer();
    await listening(alone, { port, host });
    alone.close();
    await once(alone, 'close');
  }
  try {
    await listening(server, { port, host, reusePort: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTSUP' || shared === 'taken-over') throw error;
    await listening(server, { port, host });
  }
}

async function listening(server: Server, where: { fd: number } | { port: number; host: string; reusePort?: true }): Promise<void> {
  server.listen(where);
  await once(server, 'listening');
}

function cannotListen(cause: unknown, hostname: string, port: number): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new BrinkError('port-in-use', `Port ${port} of ${hostname} is taken. Choose another with \`--port\`; 0 takes any free one.`, {
      cause,
      details: { port },
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'ENOTSUP') {
    return new BrinkError('address-unavailable', `Cannot listen at ${hostname}:${port}: ${(cause as Error).message}.`, {
      cause,
      details: { hostname, port },
    });
  }
  return cause;
}
