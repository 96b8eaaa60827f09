import type { NoticeEvent } from '../observe/events.ts';
import type { Store } from '../stores/store.ts';
import { after, type After } from '../timing/clock.ts';
import type { BindingScope } from './binding.ts';
import { scopeOfKey, WAKE_PREFIX, wakeKey } from './wake-key.ts';

export interface WorkOptions {
  readonly store: Store;
  readonly now: () => number;
  /** Of a clock that nobody sets behind its back; without it that is looked at again and again. */
  readonly after?: After | undefined;
  /** Does what is due in a scope, and gives the time of what is next, or null. */
  run(binding: BindingScope): Promise<number | null>;
  /** A run has failed. It is tried again. */
  failed(binding: BindingScope, error: unknown): void;
}

/** Ms until a run that has failed is tried again: this at first, twice as long each time, at most the other. */
const RETRY = 1_000;
const MAX_RETRY = 60_000;
/** The clock is looked at so often, in ms: it may have been set, or the machine have slept. */
const MAX_DELAY = 15_000;

interface Scope {
  readonly binding: BindingScope;
  /** When it is next asked; Infinity where it is not. */
  time: number;
  running: Promise<void> | undefined;
  failures: number;
}

/**
 * When scopes of bindings have something to do, and has it done then: one timer for all of them. What is asked for in a
 * scope is kept by the scope itself; the store is told once that there may be something.
 */
export class Work {
  readonly #options: WorkOptions;
  readonly #scopes = new Map<string, Scope>();
  readonly #after: After;
  #noLonger = () => {};
  #timerAt = Infinity;
  #stopped = false;
  readonly #kept = new Set<Promise<unknown>>();

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#after = options.after ?? ((ms, callback) => after(Math.min(ms, MAX_DELAY), callback));
  }

  /** Whether something is under way; `idle` says of what has begun whether it only waits for its time. */
  busy(idle: (binding: BindingScope) => boolean): boolean {
    return this.#kept.size > 0 || [...this.#scopes.values()].some(({ running, binding }) => running !== undefined && !idle(binding));
  }

  /** Asks every scope that has ever had work; call it again now and then where other hosts share the store. */
  async start(): Promise<void> {
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await this.#options.store.list({ prefix: WAKE_PREFIX, ...(cursor !== undefined && { cursor }) });
      for (const key of page.keys) this.#ask(this.#scopeOf(scopeOfKey(key)), this.#options.now());
      cursor = page.cursor;
    }
  }

  /** `due` of this scope is called at this time, if nothing asks for an earlier one. Resolves once a crash cannot lose it. */
  async wake(binding: BindingScope, time: number): Promise<void> {
    const key = wakeKey(binding);
    if (!this.#scopes.has(key)) await this.#options.store.put(key, new Uint8Array(), { ifRevision: 0 });
    this.#ask(this.#scopeOf(binding), time);
  }

  /** The same, at once, and forgotten by a crash. */
  soon(binding: BindingScope): void {
    this.#ask(this.#scopeOf(binding), this.#options.now());
  }

  /** Work that goes on when a run has ended. */
  keep(work: Promise<unknown>): void {
    const kept: Promise<unknown> = work.catch(() => {}).finally(() => this.#kept.delete(kept));
    this.#kept.add(kept);
  }

  /** Begins nothing more, and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#noLonger();
    for (const { running } of this.#scopes.values()) await running;
    while (this.#kept.size > 0) await Promise.all(this.#kept);
  }

  #scopeOf(binding: BindingScope): Scope {
    const key = wakeKey(binding);
    let scope = this.#scopes.get(key);
    if (scope === undefined) this.#scopes.set(key, (scope = { binding, time: Infinity, running: undefined, failures: 0 }));
    return scope;
  }

  #ask(scope: Scope, time: number): void {
    if (!(time < scope.time)) return;
    scope.time = time;
    if (scope.running === undefined) this.#set(time);
  }

  #set(time: number): void {
    if (this.#stopped || !(time < this.#timerAt)) return;
    this.#noLonger();
    this.#noLonger = () => {};
    this.#timerAt = time;
    // What has no time is not waited for.
    if (time === Infinity) return;
    this.#noLonger = this.#after(Math.max(0, time - this.#options.now()), () => this.#tick());
  }

  #tick(): void {
    this.#timerAt = Infinity;
    const now = this.#options.now();
    let next = Infinity;
    for (const scope of this.#scopes.values()) {
      if (scope.running !== undefined) continue;
      if (scope.time <= now) scope.running = this.#run(scope);
      else next = Math.min(next, scope.time);
    }
    this.#set(next);
  }

  async #run(scope: Scope): Promise<void> {
    scope.time = Infinity;
    try {
      const next = await this.#options.run(scope.binding);
      scope.failures = 0;
      if (next !== null) scope.time = Math.min(scope.time, next);
    } catch (error) {
      this.#options.failed(scope.binding, error);
      scope.time = Math.min(scope.time, this.#options.now() + retryAfter(scope.failures++));
    }
    scope.running = undefined;
    this.#set(scope.time);
  }
}

/** Ms until a run is tried again that has failed after so many failures before it. */
export function retryAfter(failures: number): number {
  return Math.min(RETRY * 2 ** failures, MAX_RETRY);
}

/** What the log says of it. */
export function workFailed({ kind, scope }: BindingScope, error: unknown, time: number): NoticeEvent {
  const message = `The work of ${kind} ${scope} failed, and is tried again: ${error instanceof Error ? error.message : String(error)}`;
  return { type: 'host', time, function: '*', version: 0, level: 'error', message };
}
