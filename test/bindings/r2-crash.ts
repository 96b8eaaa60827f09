/** One line for each write, when it has been acknowledged. `size` is that of the object's bytes, each of which is `step % 251`. */
export type Line =
  | { readonly done: 'put'; readonly key: string; readonly step: number; readonly size: number }
  | { readonly done: 'deleted'; readonly key: string; readonly step: number };

/** Steps after which a writer comes back to a key. */
export const EVERY = 4;
