/** What a host on this machine is told of its pool of cells; what is not there, the machine says. */
export interface PoolSettings {
  /** Bytes of the whole process. */
  readonly memory?: number | undefined;
  /** Of them, what cells of these classes may have, in bytes; all others share what is left. */
  readonly classes?: Readonly<Record<string, number>> | undefined;
  /** Cores that cells of these classes may use, on average. */
  readonly cpu?: Readonly<Record<string, number>> | undefined;
  /** Calls under way. */
  readonly calls?: number | undefined;
  readonly cells?: number | undefined;
}
