import type { MailOptions, SmtpOptions } from './mail-options.ts';
import type { QuotaSettings } from '../bindings/quotas.ts';
import type { HostEvent } from '../observe/events.ts';
import type { PoolSettings } from './pool-settings.ts';

/** What `serve`, `dev` and `run` ask of a platform on this machine. */
export interface HostOptions {
  /** 127.0.0.1 by default; anything else asks every admin call for the token. */
  readonly hostname?: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Directory of the state; null keeps it in memory. */
  readonly state: string | null;
  /** Keeps the state there, for any number of hosts; what is this host's alone stays in the directory. */
  readonly nats?: NatsOptions | undefined;
  /** The admin API's token; without it, the one in the state directory is used, or made. */
  readonly token?: string | undefined;
  /** What secrets are encrypted with: keys, or the path of a file of them; BRINK_SECRET_KEY without it, else the state directory's own. */
  readonly secretKey?: string | undefined;
  /** How much bindings of functions may do and keep, each as text; the environment's without it. */
  readonly quotas?: QuotaSettings | undefined;
  /** What its cells may take; on Node alone. */
  readonly pool?: PoolSettings | undefined;
  /** What functions reach; public addresses without it. */
  readonly network?: NetworkOptions | undefined;
  /** What becomes of mail that functions send; without it they can send none. */
  readonly mail?: MailOptions | undefined;
  /** Takes mail for functions; without it nobody listens for it. */
  readonly smtp?: SmtpOptions | undefined;
  /** Has usage counted; without it nothing is. */
  readonly metering?: MeteringOptions | undefined;
  /** The function that answers at `/`, without its name in the path. */
  readonly root?: string;
  /** Its clock can be moved forward through the admin API, where the platform can do that: Node alone. */
  readonly movable?: boolean;
  /** What clients may ask of the HTTP server; on Node alone. */
  readonly front?: FrontLimits | undefined;
  /** With it the port speaks TLS; on Node alone. */
  readonly tls?: TlsOptions | undefined;
  /** How long, in ms, what runs may take when the host stops; 10 s by default. */
  readonly drainTimeout?: number | undefined;
  /** For so long, in ms, a host that stops is not ready, and takes connections all the same: until those before it have noticed. None by default. */
  readonly drainDelay?: number | undefined;
  /** `shared`: a later process may take the port over. `taken-over`: this one does, from the host that has it now. */
  readonly listening?: 'alone' | 'shared' | 'taken-over' | undefined;
  /** Somebody with the admin token wants the host to stop; without it nobody can. */
  readonly onLeave?: (() => void) | undefined;
  /** Has workerd under a supervisor that stands before it; without it clients reach workerd itself. */
  readonly supervision?: Supervision | undefined;
  readonly onEvent?: (event: HostEvent) => void;
}

export interface Supervision {
  /** Functions run in so many processes of their own; in the host's without it. */
  readonly workers?: number | undefined;
  /** How long, in ms, workerd may neither answer nor read nor write until it is taken for hung; 5 s by default. */
  readonly patience?: number | undefined;
  /** Bytes of memory above which it is started anew; no limit by default. */
  readonly maxMemory?: number | undefined;
}

export interface MeteringOptions {
  /** Whether each answer waits until it is counted in the store. */
  readonly exact: boolean;
  /** How long what was counted is kept; 90 days by default. */
  readonly days?: number;
}

export interface NetworkOptions {
  /** Names, addresses and ranges that functions reach besides public ones. No manifest opens more. */
  readonly open: readonly string[];
  /** Addresses and ranges of proxies before the host, which are believed where they say whose request it is; none by default. */
  readonly proxies?: readonly string[];
  /** On Node: what names lead to, in place of what a resolver says, each time the next of these and then the last. */
  readonly names?: Readonly<Record<string, readonly (readonly string[])[]>>;
}

/** Of connections of clients; what is left out has a default. */
export interface FrontLimits {
  /** Ms for a request's head; 30 s. */
  readonly headersTimeout?: number;
  /** Ms for a connection's first byte, and again for its handshake, where TLS is spoken; 10 s. */
  readonly handshakeTimeout?: number;
  /** Ms without a byte when it is the client's turn: to send a body, or to take an answer; 60 s. */
  readonly idleTimeout?: number;
  /** Ms that a connection is kept without a request; 65 s, as proxies in front keep theirs for 60. */
  readonly keepAliveTimeout?: number;
  /** How many there may be at once; one more is closed as it comes. No limit by default, but that of the system. */
  readonly maxConnections?: number;
}

/** Files of PEM, which are read again when they change. */
export interface TlsOptions {
  /** The certificate, and those between it and its root. */
  readonly cert: string;
  readonly key: string;
  /** Who signs certificates of clients, which are asked for then. */
  readonly clientCa?: string | undefined;
  /** How often they are looked at, in ms; 10 s. */
  readonly every?: number;
}

/** What a host shows of who it is. */
export interface ShownCertificate {
  /** Whom it is of: names and addresses. */
  readonly names: readonly string[];
  /** When it ends, in ms since the epoch. */
  readonly until: number;
}

export interface NatsOptions {
  /** `nats://host:port` or `tls://host:port`; several of one cluster are separated by commas. */
  readonly url: string;
  /** Path of a credentials file. */
  readonly creds?: string;
  /** Of the names of its buckets; `brink` by default. */
  readonly prefix?: string;
  /** On how many servers each bucket lies; without it they stay as they are, and are made with 1. */
  readonly replicas?: number;
}

export interface RunningHost {
  /** `http://127.0.0.1:8787`, or with `https:`, without a slash at the end. */
  readonly url: string;
  readonly token: string;
  /** Where TLS is spoken. */
  readonly tls?: RunningTls | undefined;
  /** `smtp://127.0.0.1:2525`; not there where it takes no mail. */
  readonly smtpUrl?: string | undefined;
  /** Finishes what runs, as far as there is time, then closes everything. */
  stop(): Promise<void>;
  /** Whether `stop` has cut nothing off. */
  clean(): boolean;
}

export interface RunningTls {
  /** Of now. */
  certificate(): ShownCertificate;
  /** Reads the files again now. */
  reread(): Promise<void>;
  /** A request to this host itself, which need not know who signed its certificate. */
  fetch(request: Request): Promise<Response>;
}
