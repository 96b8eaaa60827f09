/** What the host knows of an invocation; read it as `ctx.brink`. */
export interface BrinkContext {
  /** 16 hex digits; the same id stands in the invocation's log lines. */
  readonly requestId: string;
  /** `00-{trace-id}-{parent-id}-{flags}` for calls that you make yourself (W3C Trace Context). `fetch` sends it by itself. */
  readonly traceparent: string;
  /** The URL as the client sent it, before its route took a prefix away. */
  readonly url: string;
  /** The client's IP address, or null where the platform does not know it. */
  readonly clientAddress: string | null;
  readonly function: string;
  /** The running number of the version that answers. */
  readonly version: number;
  /** The alias that was asked for, or null where the version was named itself. */
  readonly alias: string | null;
}
