import { readFileSync } from 'node:fs';
import { connect, credsAuthenticator, type NodeConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { BrinkError } from '../../errors.ts';
import type { Connected } from '../../stores/nats/link.ts';
import type { NatsOptions } from '../running.ts';

export interface Connection extends Connected {
  /** Its servers, without credentials. */
  readonly shown: string;
  close(): Promise<void>;
}

/** `reason` is null where there is a connection again. */
export type OnCut = (reason: string | null) => void;

const CONNECT_TIMEOUT = 5_000;
/** While it is cut off, a call waits this long, in ms, for a connection to come back. */
const PATIENCE = 2_000;
/** In ms; two that are not answered, and the connection is taken for lost. */
const PING_EVERY = 2_000;
const PINGS_LOST = 2;
const RETRY_EVERY = 250;
const DEFAULT_PORT = '4222';

/** Connects to NATS, and again for as long as it is not closed. @throws {BrinkError} `store-unavailable` */
export async function connectNats({ url, creds }: NatsOptions, onCut: OnCut = () => {}): Promise<Connection> {
  const servers = serversOf(url);
  const shown = servers.map(({ shown: each }) => each).join(',');
  const { user, pass } = servers[0]!;
  const connection = await connect({
    servers: servers.map(({ host }) => host),
    name: 'brink',
    timeout: CONNECT_TIMEOUT,
    pingInterval: PING_EVERY,
    maxPingOut: PINGS_LOST,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_EVERY,
    reconnectJitter: RETRY_EVERY,
    reconnectJitterTLS: RETRY_EVERY,
    // A server that is being set up may refuse what it will know a moment later.
    ignoreAuthErrorAbort: true,
    ...(servers.some(({ tls }) => tls) && { tls: {} }),
    ...credentialsOf({ creds, user, pass }),
  }).catch((cause: unknown) => {
    throw unreachable(cause, shown);
  });
  return { connection, shown, ...follow(connection, onCut), close: () => connection.close() };
}

/** Keeps account of whether there is a connection. */
function follow(connection: NatsConnection, onCut: OnCut): Pick<Connection, 'ready'> {
  let back: PromiseWithResolvers<void> | null = null;
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' && back === null) {
        back = Promise.withResolvers();
        onCut('the connection to NATS is lost');
      } else if (status.type === 'reconnect' && back !== null) {
        back.resolve();
        back = null;
        onCut(null);
      }
    }
  })();
  return {
    ready() {
      if (back === null) return connection.isClosed() ? Promise.reject(new Error('the connection to NATS is closed')) : null;
      return within(back.promise, PATIENCE);
    },
  };
}

async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the connection to NATS is lost')), ms);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

interface Server {
  readonly host: string;
  readonly tls: boolean;
  readonly shown: string;
  readonly user: string;
  readonly pass: string;
}

/** @throws {BrinkError} `store-unavailable` where it is no list of URLs; it may hold a password, and is not shown */
function serversOf(list: string): Server[] {
  return list.split(',').map((text) => {
    const trimmed = text.trim();
    const url = URL.parse(trimmed.includes('://') ? trimmed : `nats://${trimmed}`);
    if (url === null || !/^(?:nats|tls):$/.test(url.protocol) || url.hostname === '') {
      throw new BrinkError(
        'store-unavailable',
        'The address of NATS is no URL. Write it such as nats://127.0.0.1:4222 or tls://nats.example:4222.',
      );
    }
    const host = `${url.hostname}:${url.port || DEFAULT_PORT}`;
    const [user, pass] = [url.username, url.password].map(decodeURIComponent);
    return { host, tls: url.protocol === 'tls:', shown: `${url.protocol}//${host}`, user: user!, pass: pass! };
  });
}

/** A name without a password is a token, as for NATS's own tools. */
function credentialsOf({ creds, user, pass }: { creds: string | undefined; user: string; pass: string }): NodeConnectionOptions {
  if (creds !== undefined) return { authenticator: credsAuthenticator(() => readCreds(creds)) };
  if (user === '') return {};
  return pass === '' ? { token: user } : { user, pass };
}

/** Read anew each time: they may have been renewed. */
function readCreds(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new BrinkError('store-unavailable', `The credentials for NATS cannot be read from ${file}. Check the file.`, { cause });
  }
}

function unreachable(cause: unknown, shown: string): BrinkError {
  if (cause instanceof BrinkError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'AuthorizationError') {
    return new BrinkError(
      'store-unavailable',
      `The NATS server at ${shown} refuses these credentials. Give others with \`--nats-creds FILE\`, or in the URL of BRINK_NATS.`,
      { cause },
    );
  }
  return new BrinkError(
    'store-unavailable',
    `NATS cannot be reached at ${shown} (${reason}). Start a server, such as \`nats-server --jetstream --store_dir DIR\`, or name another with \`--nats URL\`.`,
    { cause },
  );
}
