import { AsyncLocalStorage } from 'node:async_hooks';
import type { TestEnv } from './types.ts';

/** A test env, as the code that runs for it finds it. */
export interface World {
  readonly env: object;
  readonly caches: TestEnv['caches'];
  /** For code that no invocation of its runs. */
  readonly outside: Invocation;
}

export const ENDED = 'Its invocation has ended. Keep what is to go on with ctx.waitUntil().';

const running = new AsyncLocalStorage<Invocation>();
const worlds: World[] = [];

/** The invocation whose code runs. */
export function runningInvocation(): Invocation | undefined {
  return running.getStore();
}

/** That of the invocation that runs, or else the one opened last. */
export function currentWorld(): World | undefined {
  return running.getStore()?.world ?? worlds.at(-1);
}

/** Makes it one of those that are open; gives what takes it away again. */
export function openWorld(world: World): () => void {
  worlds.push(world);
  return () => void worlds.splice(worlds.indexOf(world), 1);
}

/** Runs what no invocation is the reason of, whoever may have set it off. */
export function outsideOfAny<Result>(body: () => Result): Result {
  return running.exit(body);
}

export interface InvocationOptions {
  readonly world: () => World;
  /** `waitUntil` work, or a handler that nobody waits for, has thrown. */
  readonly failed: (error: unknown) => void;
  /** It, or one that it waits for, waits for a lock now. */
  readonly waits: () => void;
}

interface Watch {
  /** Something has come, or nothing will. */
  readonly moved?: (() => void) | undefined;
  readonly over?: () => void;
}

/** One call of a handler, from its beginning until nothing of it goes on. */
export class Invocation {
  readonly #options: InvocationOptions;
  readonly #parent: Invocation | undefined;
  readonly #streams = new Set<() => void>();
  readonly #ended = Promise.withResolvers<void>();
  #worked = Promise.withResolvers<void>();
  #parts = 1;
  #work = 0;
  #waiting = 0;

  constructor(options: InvocationOptions) {
    this.#options = options;
    this.#parent = running.getStore();
  }

  get world(): World {
    return this.#options.world();
  }

  get over(): boolean {
    return this.#parts === 0;
  }

  /** Whether there is `waitUntil` work that is not over. */
  get works(): boolean {
    return this.#work > 0;
  }

  /** Whether it needs more time than there is, as far as can be seen: it waits for a lock. */
  get blocked(): boolean {
    return this.#waiting > 0;
  }

  /** Resolves when some of that work is over. */
  get idle(): Promise<void> {
    return this.#worked.promise;
  }

  /** Resolves when nothing of it goes on. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  run<Result>(body: () => Result): Result {
    return running.run(this, body);
  }

  /** One part of it more goes on: its response's body. Gives what ends that. */
  open(): () => void {
    let open = !this.over;
    if (open) this.#parts++;
    return () => {
      if (open) this.release();
      open = false;
    };
  }

  /** One part of it is over; at first there is one, the handler. */
  release(): void {
    if (this.#parts === 0 || --this.#parts > 0) return;
    this.end();
  }

  /** As `ctx.waitUntil()`. */
  keep(promise: Promise<unknown>): void {
    this.#work++;
    const release = this.open();
    const done = () => {
      this.#work--;
      this.#worked.resolve();
      this.#worked = Promise.withResolvers();
      release();
    };
    promise.catch((error: unknown) => this.#options.failed(error)).then(done, done);
  }

  /** Breaks off all that it has under way. */
  end(): void {
    this.#parts = 0;
    for (const stop of this.#streams) stop();
    this.#streams.clear();
    this.#ended.resolve();
  }

  /** It waits for a lock; gives what ends that. */
  wait(): () => void {
    for (const each of this.#chain()) each.#waiting++;
    this.#options.waits();
    let waits = true;
    return () => {
      if (waits) for (const each of this.#chain()) each.#waiting--;
      waits = false;
    };
  }

  /** The same bytes, which break off when the invocation ends. */
  watch(source: ReadableStream<Uint8Array>, { moved, over: ended }: Watch = {}): ReadableStream<Uint8Array> {
    const reader = source.getReader();
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const over = () => {
      this.#streams.delete(stop);
      moved?.();
      ended?.();
    };
    const stop = () => {
      over();
      controller.error(new TypeError(ENDED));
      reader.cancel().catch(() => {});
    };
    this.#streams.add(stop);
    return new ReadableStream<Uint8Array>(
      {
        start: (own) => void (controller = own),
        async pull() {
          try {
            const { done, value } = await reader.read();
            moved?.();
            if (!done) return controller.enqueue(value);
            over();
            controller.close();
          } catch (error) {
            over();
            throw error;
          }
        },
        cancel(reason) {
          over();
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  *#chain(): Generator<Invocation> {
    yield this;
    if (this.#parent !== undefined) yield* this.#parent.#chain();
  }
}
