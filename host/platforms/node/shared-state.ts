import { mkdirSync } from 'node:fs';
import { openNatsState } from '../../stores/nats/state.ts';
import type { HostOptions, NatsOptions } from '../running.ts';
import { sharedSecretKeys } from '../secret-keys.ts';
import { keptToken, newToken } from '../token.ts';
import { createHash } from './hash.ts';
import { connectNats, type OnCut } from './nats.ts';
import type { State } from './state.ts';

export interface SharedStateOptions extends Pick<HostOptions, 'token' | 'secretKey'> {
  readonly nats: NatsOptions;
  readonly onCut: OnCut;
}

export const DEFAULT_PREFIX = 'brink';

/**
 * State in NATS, which any number of hosts share. The directory has what is this host's alone: the admin token. No key for
 * secrets is made there, since the others would not have it.
 *
 * @throws {BrinkError} `store-unavailable`, `secret-key-invalid`
 */
export async function openSharedState(directory: string | null, { nats, onCut, token, secretKey }: SharedStateOptions): Promise<State> {
  const keys = sharedSecretKeys(directory, secretKey);
  let missed = () => {};
  const connection = await connectNats(nats, (reason) => {
    onCut(reason);
    if (reason === null) missed();
  });
  try {
    const { prefix = DEFAULT_PREFIX, replicas } = nats;
    const options = { now: Date.now, createHash, prefix, replicas };
    const { store, blobs, bindings, objects, queue, sweeper, watch, stop } = await openNatsState(connection, options);
    sweeper.start();
    let unwatch = () => {};
    let closed = false;
    if (directory !== null) mkdirSync(directory, { recursive: true });
    return {
      store,
      blobs,
      bindings,
      telling: null,
      objects,
      queue,
      token: token ?? (directory === null ? newToken() : keptToken(directory)),
      keys,
      changes(changed) {
        missed = () => changed(null);
        watch(changed).then(
          (end) => (closed ? end() : (unwatch = end)),
          // Without it, what others change is seen when what is known of it is old enough.
          () => {},
        );
      },
      async close() {
        closed = true;
        unwatch();
        stop();
        await connection.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
