import { blocking, type HostCall, type HostInterface, type World } from '../../host.ts';
import { Pollable } from '../../wasi/io/poll.ts';
import type { Factory, InstanceLife } from '../../wasi/settings.ts';
import { attempt, other } from '../binding.ts';
import type { HeldLock, HeldLocks } from './lock.ts';
import { openLocks, type GuestOptions, type LockManager } from './manager.ts';

const lock: HostInterface = {
  '[method]lock.name': ({ granted }: HeldLock) => granted.name,
  '[method]lock.mode': ({ granted }: HeldLock) => granted.mode,
  '[method]lock.fence': ({ granted }: HeldLock) => BigInt(granted.fence),
  '[method]lock.lost': ({ granted }: HeldLock) => granted.signal.aborted,
  '[static]lock.release': blocking((held: HeldLock) => attempt(() => held.release(), other)),
};

/** brink:locks/locks@0.2. */
export const locks2: Factory = (world, _settings, life) => ({
  ...functions(world, life),
  '[method]lock.subscribe': ({ granted: { signal } }: HeldLock) =>
    new Pollable({
      get ready() {
        return signal.aborted;
      },
      wait(wake) {
        signal.addEventListener('abort', wake, { once: true });
        return () => signal.removeEventListener('abort', wake);
      },
    }),
});

/** brink:locks/locks@0.3. */
export const locks3: Factory = (world, _settings, life) => ({ ...functions(world, life), '[method]lock.until-lost': untilLost });

function functions(world: World, life: InstanceLife): HostInterface {
  const held: HeldLocks = new Set();
  // What a guest has forgotten to release would wait for the end of its lease otherwise.
  life.onIdle(() => {
    for (const each of held) each[Symbol.dispose]();
  });
  return {
    ...lock,
    open: (name: string) => openLocks(world, name),
    '[method]lock-manager.acquire': blocking(function (this: HostCall, manager: LockManager, name: string, options: GuestOptions) {
      return manager.acquire(name, options, { invocation: world.invocation, signal: this.signal, held });
    }),
    '[method]lock-manager.query': blocking((manager: LockManager) => manager.query()),
  };
}

function untilLost(this: HostCall, { granted }: HeldLock): Promise<void> | undefined {
  if (granted.signal.aborted) return undefined;
  const { signal } = this;
  return new Promise((resolve) => granted.signal.addEventListener('abort', () => resolve(), { once: true, signal }));
}
