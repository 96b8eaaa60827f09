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

interface CacheStorage {
  /** The cache that needs no name. https://developers.cloudflare.com/workers/runtime-apis/cache/ */
  readonly default: Cache;
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
