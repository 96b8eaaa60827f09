// oxlint-disable-next-line typescript/triple-slash-reference -- a library of the language, for `Symbol.dispose`
/// <reference lib="esnext.disposable" preserve="true" />

/**
 * Another function, bound by `services` of the manifest and found as `env.NAME`: its `fetch`, and the methods of the class
 * that it exports. The API is that of Workers' service bindings,
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/
 *
 * **What is called.** The version that the binding's `alias` (`live` by default) names at that moment, by weight where it
 * has weights, by header or address where it is sticky: each call is routed anew. A call is an invocation of the callee
 * with its own lines in the log (`service` or `rpc`), in the trace of its caller. `ctx.props` has what the binding says, and
 * `ctx.brink.clientAddress` is that of the client.
 *
 * **Methods.** Those that the class declares or inherits, and its getters (`await env.OTHER.version`). What an object holds
 * itself, private methods, `constructor`, `fetch`, `connect`, `dup` and `alarm` are not. Each call makes an object of the
 * class. A function that exports plain functions beside its handlers can be called with exactly one argument.
 *
 * **Values.** What structured clone takes; `Error`, `Headers`, `Request`, `Response` and streams of bytes as well. Functions
 * and objects of classes that extend `RpcTarget` go by reference: the other side gets a stub, whose methods it calls. Others'
 * objects are refused with a `DataCloneError`. A message has at most 32 MiB. A stub among the arguments lives as long as the
 * call, unless `stub.dup()` keeps it; one in a result until `result[Symbol.dispose]()`, or the end of the caller.
 *
 * **Limits.** The callee has its own `limits.deadline_ms`, or what is left to its caller, where that is less. At most 16 calls
 * lie inside of one another. An abort of `signal`, or the end of the caller, aborts the callee's `request.signal`; what
 * the callee keeps with `ctx.waitUntil()` goes on.
 *
 * **Errors.** What the callee throws is thrown in the caller: with its class where that is one of JavaScript's or the web's,
 * else as an `Error` with the name before the message, and with `remote: true`. The host's own have a `code`:
 * `function-not-found`, `alias-not-found`, `handler-missing`, `deadline-exceeded`, `cell-crashed`, `loop-detected`…
 *
 * @example
 * ```ts
 * import type Prices from '../prices/src/index.ts';
 *
 * interface Env {
 *   PRICES: Service<Prices>;
 * }
 *
 * const cents = await env.PRICES.of('tea');
 * const page = await env.PRICES.fetch('https://prices/tea', { signal: AbortSignal.timeout(500) });
 * ```
 */
export type Service<Entrypoint = unknown> = ServiceFetcher & RpcMethods<Entrypoint>;

export interface ServiceFetcher {
  /**
   * Sends a request to the callee's `fetch` handler. The host of the URL leads nowhere: the callee sees the URL as it is.
   * Redirects are followed, to the same function, unless `redirect` is `manual`.
   *
   * @throws {TypeError} where there is no absolute URL, or a body that has been read
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
}

/** What can be called of a class, or of an object that is given by reference. */
export type RpcMethods<Target> = {
  readonly [Name in keyof Target as Name extends Reserved ? never : Name]: RpcProperty<Target[Name]>;
};

/** A result: to be awaited, or gone on with before it is there (`env.OTHER.cart().add('tea')`). */
export type RpcResult<Value> = Promise<RpcValue<Value>> & RpcParts<Value>;

/** What arrives of a value: a function or an object of RpcTarget as its stub, anything else as it is. */
export type RpcValue<Value> = Value extends (...args: infer Args) => infer Result
  ? RpcStub<(...args: Args) => Result>
  : Value extends RpcObject
    ? RpcStub<Value>
    : Value;

/** Leads to a function or an object of the other side. */
export type RpcStub<Target> = RpcParts<Target> & {
  /** Another stub of the same, which outlives this one. */
  dup(): RpcStub<Target>;
  /** Says that it is not needed any more. */
  [Symbol.dispose](): void;
};

type RpcParts<Target> = Target extends (...args: infer Args) => infer Result
  ? (...args: Args) => RpcResult<Awaited<Result>>
  : Target extends RpcObject
    ? RpcMethods<Target>
    : unknown;

type RpcProperty<Value> = Value extends (...args: infer Args) => infer Result
  ? (...args: Args) => RpcResult<Awaited<Result>>
  : RpcResult<Awaited<Value>>;

/** An object with methods; what has a structured clone is none. */
type RpcObject = { readonly [name: string]: (...args: never[]) => unknown };

type Reserved = 'fetch' | 'connect' | 'dup' | 'alarm' | 'constructor' | 'env' | 'ctx';
