// oxlint-disable-next-line typescript/triple-slash-reference -- for `await using`, whatever the author's config says of it
/// <reference lib="esnext.disposable" />
/** What the runtime adds to the web's globals, and the kinds of files that can be imported besides source. */

/**
 * Two joined ends of a WebSocket: `0` goes into the response (`UpgradeInit`), `1` is the function's own.
 * https://developers.cloudflare.com/workers/runtime-apis/websockets/
 */
declare class WebSocketPair {
  readonly 0: WebSocket;
  readonly 1: WebSocket & {
    /** Begins the conversation: nothing is received before, and `send` throws. */
    accept(): void;
  };
}

interface ResponseInit {
  /**
   * `manual` where the body is encoded already, as its `Content-Encoding` says. Otherwise the runtime encodes it.
   * https://developers.cloudflare.com/workers/runtime-apis/response/#parameters
   */
  encodeBody?: 'automatic' | 'manual';
}

/**
 * The caches of a function, which all of its cells on a host share, and which end with the host; on Cloudflare those of the
 * data centre. https://developers.cloudflare.com/workers/runtime-apis/cache/
 *
 * `put` keeps what RFC 9111 lets a shared cache keep, for as long as the response says: `max-age`, `s-maxage`, `Expires`,
 * or a tenth of the time since `Last-Modified`. It keeps nothing of a response with `Set-Cookie`, but with
 * `Cache-Control: private=set-cookie` all of it without the cookie; and on Node no body of more than 32 MiB. One response
 * is kept for each URL. `match` answers a GET with it, where the request has what `Vary` names as the one of `put` had it;
 * with status 304 where `If-None-Match` or `If-Modified-Since` says so, and 206 for one `Range` of bytes. `ignoreMethod`
 * takes other methods for a GET. What was put may be gone at any time.
 */
interface CacheStorage {
  /** The cache that needs no name. */
  readonly default: Cache;
}

declare module 'cloudflare:workers' {
  /** Keeps the invocation that runs alive until `promise` has settled. @throws outside of any */
  export function waitUntil(promise: Promise<unknown>): void;
}

declare module 'cloudflare:email' {
  /** A message as it is sent: `from` and `to` are its envelope's, `raw` has its headers and its body. */
  export class EmailMessage {
    readonly from: string;
    readonly to: string;
    constructor(from: string, to: string, raw: ReadableStream<Uint8Array> | string);
  }
}

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*.txt' {
  const text: string;
  export default text;
}

declare module '*.html' {
  const text: string;
  export default text;
}

declare module '*.bin' {
  const bytes: ArrayBuffer;
  export default bytes;
}
