import type { Call } from '../binding.ts';
import type { Timers } from '../timers.ts';
import { LeaseLines } from './lease-lines.ts';
import { Lock } from './lock.ts';

type Table = Readonly<Record<string, unknown>>;
type Callback = (lock: Lock | null) => unknown;

interface Options {
  readonly mode: string;
  readonly ifAvailable: boolean;
  readonly steal: boolean;
  readonly signal: AbortSignal | undefined;
  readonly ttl: number | undefined;
  readonly wait: number | undefined;
}

/** `LockManager` of `sdk/locks.ts`, in the cell. */
export class LockManager {
  readonly #call: Call;
  readonly #timers: Timers | undefined;
  /** Made late: there is no randomness outside of handlers. */
  #client: string | undefined;

  constructor(call: Call, timers?: Timers) {
    this.#call = call;
    this.#timers = timers;
  }

  /** https://w3c.github.io/web-locks/#api-lock-manager-request */
  async request(name: unknown, ...rest: readonly [Callback] | readonly [Table | null | undefined, Callback]): Promise<unknown> {
    const callback = rest.at(-1);
    if (typeof callback !== 'function') throw new TypeError('request() takes a callback, which is called with the lock.');
    const lock = await this.acquire(name, rest.length > 1 ? (rest[0] as Table) : undefined);
    if (lock === null) return (callback as Callback)(null);
    try {
      return await whileHeld(lock, callback as Callback);
    } finally {
      // Where this fails the lease ends by itself, and what the callback gave is what counts.
      await lock.release().catch(() => {});
    }
  }

  async acquire(name: unknown, options?: Table | null): Promise<Lock | null> {
    const { signal, wait, ...wish } = optionsOf(options);
    const text = nameOf(name);
    signal?.throwIfAborted();
    this.#client ??= crypto.randomUUID();
    const { value, body, ended } = await this.#call('acquire', [text, { ...wish, client: this.#client }]);
    if (value === null) return null;
    const { id, fence } = value as { id: string; fence?: number };
    const lines = new LeaseLines(body as ReadableStream<Uint8Array>, { ended, timers: this.#timers });
    const release = async () => void (await this.#call('release', [text, id]));
    try {
      signal?.throwIfAborted();
      const granted = fence ?? (await lines.granted(text, { signal, wait }));
      return new Lock({ name: text, mode: wish.mode, fence: granted, release }, lines);
    } catch (error) {
      lines.cancel();
      release().catch(() => {});
      throw error;
    }
  }

  async query(): Promise<unknown> {
    return (await this.#call('query', [])).value;
  }
}

/** The request fails when the lock is lost, though the callback may go on. https://w3c.github.io/web-locks/#abort-the-request */
async function whileHeld(lock: Lock, callback: Callback): Promise<unknown> {
  const { signal } = lock;
  const lost = new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
  return Promise.race([(async () => callback(lock))(), lost]);
}

function nameOf(name: unknown): string {
  if (name === undefined || name === null) throw new TypeError('The name of a lock is a string.');
  const text = String(name as string);
  if (text.startsWith('-')) throw unsupported('Names that begin with "-" are reserved.');
  return text;
}

function optionsOf(options: Table | null | undefined): Options {
  const { mode = 'exclusive', ifAvailable = false, steal = false, signal, ttl, wait } = options ?? {};
  if (mode !== 'exclusive' && mode !== 'shared') throw new TypeError('mode is "exclusive" or "shared".');
  if (steal === true && ifAvailable === true) throw unsupported('steal and ifAvailable exclude each other.');
  if (steal === true && mode === 'shared') throw unsupported('Only an exclusive lock can be stolen.');
  if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) throw new TypeError('signal is an AbortSignal.');
  return {
    mode,
    ifAvailable: Boolean(ifAvailable),
    steal: Boolean(steal),
    signal: signal ?? undefined,
    ttl: msOf('ttl', ttl),
    wait: msOf('wait', wait),
  };
}

function msOf(option: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && value >= 0) return value;
  throw new TypeError(`${option} is a number of milliseconds.`);
}

function unsupported(message: string): DOMException {
  return new DOMException(message, 'NotSupportedError');
}
