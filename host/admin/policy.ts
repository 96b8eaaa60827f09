/** Who may use the admin API. */
export interface AdminPolicy {
  /** The bearer token; null closes the API to everyone whom `loopback` does not let in. */
  readonly token: string | null;
  /** Whether a client on this machine needs no token. Its connection, its Host header and its Origin must all be local. */
  readonly loopback: boolean;
}
