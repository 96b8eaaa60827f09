import { hex, sha256 } from '../../bytes.ts';
import type { Store } from '../../stores/store.ts';

/** What may be used once. */
export interface Nonces {
  /** False where it has been taken within `ms`, on whichever host. */
  take(owner: string, nonce: string, ms: number): Promise<boolean>;
}

const PREFIX = 'nonces/';

export function createNonces(store: Pick<Store, 'put'>): Nonces {
  return {
    async take(owner, nonce, ms) {
      return (
        (await store.put(`${PREFIX}${owner}/${hex(await sha256(nonce))}`, new Uint8Array(), { ifRevision: 0, ttl: Math.ceil(ms) })) !== null
      );
    },
  };
}
