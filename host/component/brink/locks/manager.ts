import type { ComponentInvocation, World } from '../../host.ts';
import { err, ok, type Result } from '../../wasi/values/result.ts';
import { attempt, bindingOf, other, type AccessDenied, type Other } from '../binding.ts';
import { HeldLock, type GrantedLock, type HeldLocks, type Mode } from './lock.ts';

/** A lock binding: Web Locks' LockManager, with `acquire` for those who cannot pass a callback. */
export interface LockBinding {
  /** null where `ifAvailable` is asked for and the lock is not. A `TimeoutError` where `wait` has passed. */
  acquire(name: string, options: AcquireOptions): Promise<GrantedLock | null>;
  query(): Promise<{ readonly held?: readonly LockInfo[]; readonly pending?: readonly LockInfo[] }>;
}

export interface AcquireOptions {
  readonly mode: Mode;
  readonly ifAvailable: boolean;
  readonly signal: AbortSignal;
  /** In milliseconds. */
  readonly ttl?: number;
  /** In milliseconds. */
  readonly wait?: number;
}

interface LockInfo {
  readonly name?: string;
  readonly mode?: Mode;
  readonly clientId?: string;
}

export type LockError = AccessDenied | Other | { readonly tag: 'not-available' | 'timed-out' };

/** `lock-options` of brink:locks. */
export interface GuestOptions {
  readonly mode: Mode;
  readonly 'if-available': boolean;
  readonly 'ttl-ms'?: number;
  readonly 'wait-ms'?: number;
}

/** Whom a lock is for: a call of a guest. */
export interface Holder {
  readonly invocation: ComponentInvocation;
  /** Of the call. */
  readonly signal: AbortSignal;
  readonly held: HeldLocks;
}

/** `lock-manager` of brink:locks: a binding that a guest has opened. */
export class LockManager {
  readonly #binding: LockBinding;

  constructor(binding: LockBinding) {
    this.#binding = binding;
  }

  async acquire(name: string, options: GuestOptions, { invocation, signal, held }: Holder): Promise<Result<HeldLock, LockError>> {
    const { 'if-available': ifAvailable, 'ttl-ms': ttl, 'wait-ms': wait, mode } = options;
    const limits = { ...(ttl !== undefined && { ttl }), ...(wait !== undefined && { wait }) };
    const granted = await attempt<GrantedLock | null, LockError>(
      () => this.#binding.acquire(name, { mode, ifAvailable, signal, ...limits }),
      (error) => (error.name === 'TimeoutError' ? { tag: 'timed-out' } : other(error)),
    );
    if (granted.tag === 'err') return granted;
    if (granted.val === null) return err({ tag: 'not-available' });
    const lock = new HeldLock(granted.val, invocation, held);
    // Nobody takes what a cancelled call gives.
    if (signal.aborted) lock[Symbol.dispose]();
    return ok(lock);
  }

  query(): Promise<Result<unknown, LockError>> {
    return attempt(async () => {
      const { held = [], pending = [] } = await this.#binding.query();
      return { held: held.map(infoOf), pending: pending.map(infoOf) };
    }, other);
  }
}

export function openLocks(world: World, name: string): Result<LockManager, LockError> {
  const binding = bindingOf<LockBinding>(world, name, { name: 'lock manager', methods: ['acquire', 'query'] });
  return binding.tag === 'err' ? binding : ok(new LockManager(binding.val));
}

function infoOf({ name = '', mode = 'exclusive', clientId }: LockInfo): object {
  return { name, mode, 'client-id': clientId };
}
