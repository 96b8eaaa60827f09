/** How values of one WIT type stand outside of components: as JSON, or as values of JavaScript. Made once for a component. */
export interface Form {
  /** A value for the guest, from what a caller gave. @throws {BadInput} */
  read(value: unknown): unknown;
  /** What a caller gets, from a value of the guest. */
  write(value: unknown): unknown;
  /** Whether `write` gives what it gets. */
  readonly plain: boolean;
}

export type Forms = (type: number) => Form;
