import { isIP, Socket, type TcpNetConnectOpts } from 'node:net';
import { EgressDenied, type Egress } from '../../../cell/egress.ts';
import { checkedLookup, resolverOf, type Names } from '../checked-lookup.ts';

interface Dispatched {
  readonly origin?: string | URL;
  readonly method?: string;
  readonly upgrade?: string | boolean | null;
  readonly headers?: Readonly<Record<string, string>> | null;
}

/** As far as undici's dispatchers are used here. */
export interface Dispatcher {
  dispatch(options: Dispatched, handler: object): boolean;
  compose(interceptor: (dispatch: Dispatcher['dispatch']) => Dispatcher['dispatch']): Dispatcher;
}

/** Of connections that `fetch` makes: what goes over them has been looked at. */
const OF_FETCH = Symbol('of fetch');

const DISPATCHERS = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')] as const;

/**
 * Makes all connections of this thread follow the rules, whoever opens them. An address is checked where a socket gets
 * it, so nothing else can be connected to than what was checked; each hop of a redirect comes here too.
 */
export function guardConnections(egress: Egress, names: Names): void {
  const { connect } = Socket.prototype;
  const resolver = resolverOf(names);
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    const [options, listener] = connectionOf(args);
    try {
      const { path } = options as { path?: string | null };
      if (path) throw new EgressDenied(path, 'socket-file', 'functions open no sockets of the machine.');
      const host = options.host || 'localhost';
      if (!(OF_FETCH in options)) egress.checkMethod(host, null);
      if (isIP(host) !== 0) egress.checkAddress(host, host);
      const checked = { ...options, host, lookup: checkedLookup(egress, options.lookup ?? resolver) };
      return Reflect.apply(connect, this, [checked, listener]);
    } catch (error) {
      return this.destroy(error as Error);
    }
  } as typeof connect;
}

/**
 * What `fetch` and `WebSocket` send by. It says no before anything is looked up, and where a connection is used again.
 *
 * @param traceparent of the call; always there, by it the admin API knows that a function is calling
 */
export function createDispatcher(egress: Egress, traceparent: () => string): Dispatcher {
  const globals = globalThis as unknown as Record<symbol, Dispatcher>;
  const Agent = globals[DISPATCHERS[1]]!.constructor as new (options: object) => Dispatcher;
  // A function that finds them could do without the rules for names.
  const none = Object.freeze({ dispatch: () => false });
  for (const each of DISPATCHERS) Object.defineProperty(globalThis, each, { value: none, writable: false });
  return new Agent({ connect: { [OF_FETCH]: true } }).compose((dispatch) => (options, handler) => {
    const { hostname } = new URL(String(options.origin));
    egress.checkHost(hostname);
    egress.checkMethod(hostname, options.upgrade ? null : (options.method ?? 'GET'));
    return dispatch(
      isTraced(options.headers ?? {}) ? options : { ...options, headers: { ...options.headers, traceparent: traceparent() } },
      handler,
    );
  });
}

// A function may have replaced the methods by which this is said otherwise.
const { apply } = Reflect;
const { hasOwn } = Object;
const { toLowerCase } = String.prototype;

function isTraced(headers: Readonly<Record<string, string>>): boolean {
  for (const name in headers) if (hasOwn(headers, name) && apply(toLowerCase, name, []) === 'traceparent') return true;
  return false;
}

/** `WebSocket` under the same rules; it follows no redirects. */
export function restrictedWebSocket(dispatcher: Dispatcher): typeof WebSocket {
  const Native = globalThis.WebSocket as unknown as new (url: string | URL, init: object) => WebSocket;
  const Restricted = class WebSocket extends Native {
    constructor(url: string | URL, protocols: string | string[] = []) {
      super(url, { protocols: typeof protocols === 'string' ? protocols : [...protocols], dispatcher });
    }
  };
  return Restricted as unknown as typeof WebSocket;
}

/** What egress rules refused, wherever in an error of `fetch` it is. */
export function denialIn(error: unknown): EgressDenied | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) if (at instanceof EgressDenied) return at;
  return null;
}

/** Each form of `connect()` that Node's own modules and its documentation have. */
function connectionOf(args: readonly unknown[]): [options: TcpNetConnectOpts, listener: unknown] {
  const [first, second] = args;
  if (Array.isArray(first)) return first as [TcpNetConnectOpts, unknown];
  const listener = args.find((each) => typeof each === 'function');
  if (typeof first === 'object' && first !== null) return [first as TcpNetConnectOpts, listener];
  return [{ port: Number(first), ...(typeof second === 'string' && { host: second }) }, listener];
}
