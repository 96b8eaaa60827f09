import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { BrinkError } from '../../errors.ts';

/** The host that has a port now, and gives it up. */
export interface Predecessor {
  /** Has it drain. Resolves when it has begun to. */
  leave(): Promise<void>;
}

export interface PredecessorOptions {
  /** Where it listens. */
  readonly url: string;
  /** The admin API's token. */
  readonly token: string;
}

/** How often it is looked whether a state is free, in ms: each look costs a tenth of one. */
const EVERY = 5;

/**
 * Looks who has a port, over a connection that stays: once two processes listen there, a new one could lead to either.
 * Null where nobody listens.
 *
 * @throws {BrinkError} `port-in-use` where that is no host of ours, or one that does not know this token
 */
export async function findPredecessor({ url, token }: PredecessorOptions): Promise<Predecessor | null> {
  try {
    return await askWhoListens({ url, token });
  } catch (error) {
    // TLS may be what the new host begins with, or leaves off.
    const other = url.startsWith('https:') ? url.replace('https:', 'http:') : url.replace('http:', 'https:');
    return askWhoListens({ url: other, token }).catch(() => {
      throw error;
    });
  }
}

async function askWhoListens({ url, token }: PredecessorOptions): Promise<Predecessor | null> {
  const secure = url.startsWith('https:');
  // Its certificate may be one that nobody on this machine trusts; what is asked does not leave the machine.
  const agent = secure
    ? new SecureAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
    : new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (method: string, path: string) => {
    const options = { agent, method, headers: { authorization: `Bearer ${token}` } };
    const asked = (secure ? secureRequest : request)(`${url}/_brink/${path}`, options);
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const text = (await response.toArray()).join('');
    return { status: response.statusCode, text };
  };
  try {
    // Of what a host tells only to those who have its token, the shortest.
    const { status, text } = await ask('GET', 'routes');
    if (status !== 200 || !text.startsWith('{"routes":')) throw new Error(`it answers ${status}, not as a host does`);
  } catch (cause) {
    agent.destroy();
    if ((cause as NodeJS.ErrnoException).code === 'ECONNREFUSED') return null;
    throw notOurs(url, cause);
  }
  return {
    async leave() {
      const { status } = await ask('POST', 'drain').finally(() => agent.destroy());
      if (status !== 202) throw notOurs(url, new Error(`it answers ${status} to being asked to leave`));
    },
  };
}

/** Tries again while another host has the state, as long as that may take to leave it. @throws what `open` does */
export async function openPatiently<State>(open: () => State, within: number): Promise<State> {
  for (const end = Date.now() + within; ; await wait(EVERY)) {
    try {
      return open();
    } catch (error) {
      if (!(error instanceof BrinkError) || error.code !== 'state-in-use' || Date.now() > end) throw error;
    }
  }
}

function notOurs(url: string, cause: unknown): BrinkError {
  return new BrinkError(
    'port-in-use',
    `What listens at ${url} cannot be taken over: ${(cause as Error).message}. Only a host on Node that has the same token, as one with the same \`--state\` has, can.`,
    { cause },
  );
}
