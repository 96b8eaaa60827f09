import type { Aim, RpcSession } from './session.ts';
import { callAt, follow, markStub, type Stub } from './targets.ts';

/** https://developers.cloudflare.com/workers/runtime-apis/rpc/#stubs */
class RpcStub {}
class RpcPromise {}

/** What proxies stand for: an arrow function has no property that they would have to show. */
const nothing = () => {};

type Then = Promise<unknown>['then'];

/** A stub of an object of the other side. It is there until it is disposed of, once for itself and once for each `dup()`. */
export function createStub(session: RpcSession, id: number, held: { count: number } = { count: 1 }): Stub {
  let disposed = false;
  const aim = (): Aim => {
    if (disposed) throw new Error('Attempted to use RPC stub after it has been disposed.');
    return ['object', id];
  };
  const dup = () => {
    aim();
    held.count++;
    const twin = createStub(session, id, held);
    markStub(twin, { session, id });
    return twin;
  };
  const dispose = () => {
    if (disposed) return;
    disposed = true;
    if (--held.count === 0) session.release(id);
  };
  return new Proxy(nothing, {
    get(_own, key) {
      if (key === Symbol.dispose) return dispose;
      if (key === Symbol.toStringTag) return 'JsRpcStub';
      if (typeof key === 'symbol' || isThenable(key)) return undefined;
      if (key === 'constructor') return RpcStub;
      if (key in Object.prototype) return Reflect.get(Object.prototype, key) as unknown;
      return key === 'dup' ? dup : createProperty(session, aim, [key]);
    },
    apply: (_own, _this, args: unknown[]) => session.call(aim, [], args),
    ownKeys: () => [],
    getOwnPropertyDescriptor: () => undefined,
  }) as unknown as Stub;
}

/** The result of a call: to be awaited, or gone on with before it is there. */
export function createPromise(session: RpcSession, id: number, promise: Promise<unknown>): unknown {
  // Whoever goes on with it hears of its failure there.
  promise.catch(() => {});
  const path = (key: string) => {
    const aim: () => Aim = () => ['result', id];
    return session.waits(id) ? createProperty(session, aim, [key]) : createLocal(promise, [key]);
  };
  return new Proxy(nothing, {
    get(_own, key) {
      if (isThenable(key)) return (promise[key] as Then).bind(promise);
      if (key === Symbol.toStringTag) return 'JsRpcPromise';
      if (key === Symbol.dispose) return () => {};
      if (typeof key === 'symbol') return undefined;
      return key === 'constructor' ? RpcPromise : path(key);
    },
    apply: (_own, _this, args: unknown[]) => (session.waits(id) ? session.call(() => ['result', id], [], args) : callAt(promise, [], args)),
    ownKeys: () => [],
    getOwnPropertyDescriptor: () => undefined,
  });
}

function createProperty(session: RpcSession, aim: () => Aim, path: readonly string[]): unknown {
  return lazily(
    path,
    (longer) => createProperty(session, aim, longer),
    (args) => (args === undefined ? session.get(aim, path) : session.call(aim, path, args)) as Promise<unknown>,
  );
}

/** The same where the result is here already. */
function createLocal(promise: Promise<unknown>, path: readonly string[]): unknown {
  return lazily(
    path,
    (longer) => createLocal(promise, longer),
    async (args) => (args === undefined ? (await follow(promise, path)).value : callAt(promise, path, args)),
  );
}

/** A property: what it is, is asked when it is awaited or called. */
function lazily(path: readonly string[], deeper: (path: string[]) => unknown, ask: (args?: unknown[]) => Promise<unknown>): unknown {
  return new Proxy(nothing, {
    get(_own, key) {
      if (typeof key === 'symbol') return undefined;
      if (!isThenable(key)) return deeper([...path, key]);
      const promise = ask();
      return (promise[key] as Then).bind(promise);
    },
    apply: (_own, _this, args: unknown[]) => ask(args),
    ownKeys: () => [],
    getOwnPropertyDescriptor: () => undefined,
  });
}

function isThenable(key: PropertyKey): key is 'then' | 'catch' | 'finally' {
  return key === 'then' || key === 'catch' || key === 'finally';
}
