import { hex } from '../../bytes.ts';
import type { Store } from '../../stores/store.ts';

/** What may be used once. */
export interface Nonces {
  /** False where it has been taken within `ms`, on whichever host. */
  take(owner: string, nonce: string, ms: number): Promise<boolean>;
}

const PREFIX = 'nonces/';
const utf8 = new TextEncoder();

export function createNonces(store: Pick<Store, 'put'>): Nonces {
  return {
    async take(owner, nonce, ms) {
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(nonce)));
      return (await store.put(`${PREFIX}${owner}/${hex(digest)}`, new Uint8Array(), { ifRevision: 0, ttl: Math.ceil(ms) })) !== null;
    },
  };
}
