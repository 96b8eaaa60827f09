import { once } from 'node:events';
import type { Server } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { BrinkError } from '../../errors.ts';

export interface Address {
  readonly hostname: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** Gives the URL. @throws {BrinkError} `port-in-use`, `address-unavailable` */
export async function listen(server: Server, { hostname, port }: Address): Promise<string> {
  try {
    server.listen(port, hostname);
    await once(server, 'listening');
  } catch (cause) {
    throw cannotListen(cause, hostname, port);
  }
  return urlOf(hostname, (server.address() as AddressInfo).port);
}

export function urlOf(hostname: string, port: number): string {
  return `http://${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
}

function cannotListen(cause: unknown, hostname: string, port: number): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new BrinkError('port-in-use', `Port ${port} of ${hostname} is taken. Choose another with \`--port\`; 0 takes any free one.`, {
      cause,
      details: { port },
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new BrinkError('address-unavailable', `Cannot listen at ${hostname}:${port}: ${(cause as Error).message}.`, {
      cause,
      details: { hostname, port },
    });
  }
  return cause;
}
