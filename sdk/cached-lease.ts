import type { KVNamespace } from './kv.ts';

/** Who loads a key, as an entry of the namespace. It stays for a while after, for those who wait for its end. */
export type LeaseState =
  | { readonly state: 'held'; readonly until: number }
  | { readonly state: 'done' | 'free' }
  | { readonly state: 'failed'; readonly at: number; readonly name: string; readonly message: string };

/** The least that KV takes, in seconds, and longer than a lease lasts. */
const KEPT = 60;

export interface LeaseOptions {
  readonly kv: KVNamespace;
  readonly key: string;
  readonly now: () => number;
  /** Milliseconds that it lasts without being renewed. */
  readonly length: number;
  /** Called whenever it has been renewed. */
  readonly renewed: () => void;
}

/** The right to load a key: held by one at a time, as long as clocks agree to within its length. */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #revision: number;
  /** The renewal that is under way. */
  #renewing: Promise<void> | undefined;

  /** Takes it, where nobody has it; else what there is instead. */
  static async take(options: LeaseOptions): Promise<Lease | Exclude<LeaseState, { state: 'done' | 'free' }>> {
    const { kv, key, now, length } = options;
    for (;;) {
      const { value, revision } = await kv.getWithRevision<LeaseState>(key, 'json');
      if (value?.state === 'held' && value.until > now()) return value;
      const written = await compareAndPut(kv, { key, revision, state: { state: 'held', until: now() + length } });
      if (written !== null) return new Lease(options, written);
    }
  }

  static async read({ kv, key }: Pick<LeaseOptions, 'kv' | 'key'>): Promise<LeaseState | null> {
    return kv.get<LeaseState>(key, 'json');
  }

  private constructor(options: LeaseOptions, revision: number) {
    this.#options = options;
    this.#revision = revision;
    this.#timer = setInterval(() => (this.#renewing ??= this.#renew()), options.length / 3);
  }

  /** Gives it back, where it is still held. What cannot be given back now ends by itself. */
  async end(state: Exclude<LeaseState, { state: 'held' }>): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const { kv, key } = this.#options;
    await compareAndPut(kv, { key, revision: this.#revision, state }).catch(() => null);
  }

  async #renew(): Promise<void> {
    const { kv, key, now, length, renewed } = this.#options;
    try {
      const revision = await compareAndPut(kv, { key, revision: this.#revision, state: { state: 'held', until: now() + length } });
      if (revision === null) return clearInterval(this.#timer);
      this.#revision = revision;
      renewed();
    } catch {
      // The next try may come in time.
    } finally {
      this.#renewing = undefined;
    }
    return undefined;
  }
}

async function compareAndPut(
  kv: KVNamespace,
  { key, revision, state }: { key: string; revision: number; state: LeaseState },
): Promise<number | null> {
  try {
    return (await kv.put(key, JSON.stringify(state), { ifRevision: revision, expirationTtl: KEPT })).revision;
  } catch (error) {
    if (isConflict(error)) return null;
    throw error;
  }
}

export function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'conflict';
}
