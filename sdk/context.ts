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
  /** Who has sent the request, as the function's `auth` rule has found; null where there is none, or nobody has said. */
  readonly principal: Principal | null;
  /**
   * When the answer has to have begun, in milliseconds since the epoch, for calls that you make yourself:
   * `AbortSignal.timeout(ctx.brink.deadline - Date.now())`. null in handlers that nobody waits for, and in tests. Calls over a
   * service binding have it by themselves.
   */
  readonly deadline: number | null;
}

/** Who has sent a request. */
export interface Principal {
  readonly scheme: 'key' | 'jwt' | 'basic' | 'signature' | 'certificate' | 'forward';
  /** Whoever it is, in the scheme's own terms: the name of a key, `sub` of a token, a user, a key id, the name in a certificate. */
  readonly id: string;
  readonly scopes: readonly string[];
  /** Of a token, all that it claims; nothing with the other schemes. */
  readonly claims: Readonly<Record<string, unknown>>;
}
