export interface Calls {
  readonly calls: number;
  /** Under way at the same time. */
  readonly atOnce: number;
  /** They take turns with so many keys: with more than `atOnce`, each is nobody else's at that time. */
  readonly keys: number;
}

/** Calls per ms. */
export async function rateOf(call: (key: string) => Promise<unknown>, { calls, atOnce, keys }: Calls): Promise<number> {
  let next = 0;
  const work = async () => {
    while (next < calls) await call(`key-${next++ % keys}`);
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  return calls / (performance.now() - started);
}
