import type { Server } from 'node:http';
import type { HostOptions } from '../running.ts';
import { cellSource } from './cell-source.ts';
import { listen, urlOf, type Address } from '../listen.ts';
import { findPredecessor, openPatiently, type Predecessor } from './takeover.ts';

export interface ArrivalOptions extends Pick<Address, 'hostname' | 'port'> {
  readonly listening: NonNullable<HostOptions['listening']>;
  /** Whether it speaks TLS. */
  readonly secure: boolean;
  /** The admin API's token, which a host has to know that gives its port up. */
  readonly token: () => string;
}

/** How a host comes to its port: nobody has it, or a host that leaves it. */
export interface Arrival {
  /** Opens what one process has alone. Who has it now leaves it first; requests that come meanwhile have to wait. */
  alone<State>(open: () => State): Promise<State>;
  /** Gives the URL, once it listens there. Who had the port before has begun to leave by then. */
  listen(): Promise<string>;
}

/** In ms, more than anybody's drain may take: who still has the state then does not leave it. */
const LEAVES_WITHIN = 10 * 60_000;

/** @throws {BrinkError} `port-in-use` where that cannot be taken over */
export async function arrive(server: Server, { hostname, port, listening, secure, token }: ArrivalOptions): Promise<Arrival> {
  const shared = listening === 'alone' ? undefined : listening === 'shared' ? 'free' : 'taken-over';
  let before: Predecessor | null = null;
  if (shared === 'taken-over') before = await findPredecessor({ url: urlOf(hostname, port, secure), token: token() });
  let url: string | undefined;

  async function arrived(): Promise<string> {
    if (url !== undefined) return url;
    // Both listen for a moment, so that there is always one who does.
    url = await listen(server, { hostname, port, secure, shared });
    await before?.leave();
    return url;
  }

  return {
    async alone(open) {
      if (before === null) return open();
      try {
        // What takes long is done while the other still works.
        await cellSource();
        await arrived();
        return await openPatiently(open, LEAVES_WITHIN);
      } catch (error) {
        server.close();
        server.closeAllConnections();
        throw error;
      }
    },
    listen: arrived,
  };
}
