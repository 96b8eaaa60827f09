import { BrinkError } from '../errors.ts';
import { keysIn } from '../stores/keys.ts';
import type { Store } from '../stores/store.ts';

/** An attempt fails only because another writer's succeeded, so this many writers may come at once. */
const ATTEMPTS = 256;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** JSON documents in a store, each changed by compare-and-set. */
export interface Records<Value> {
  get(key: string): Promise<Value | null>;
  /**
   * Writes what `change` makes of the document (null: there is none), again if someone else wrote in between.
   * What `change` throws is thrown; the value that it was given, returned as it is, writes nothing.
   */
  update(key: string, change: (current: Value | null) => Value): Promise<Value>;
  delete(key: string, check: (current: Value) => void): Promise<Value | null>;
  keys(prefix: string): Promise<string[]>;
}

/** Those who have to know of changes: of each before it is written, and after. The document is null before its first, and after its last. */
export interface Watch<Value> {
  /** What it throws refuses the change. Called again where someone else wrote in between. */
  before(key: string, current: Value | null, next: Value | null): Promise<void>;
  after(key: string, current: Value | null, next: Value | null): Promise<void>;
}

export function recordsIn<Value>(store: Store, watch?: Watch<Value>): Records<Value> {
  const parse = (bytes: Uint8Array) => JSON.parse(text.decode(bytes)) as Value;
  return {
    async get(key) {
      const entry = await store.get(key);
      return entry && parse(entry.value);
    },
    async update(key, change) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const entry = await store.get(key);
        const current = entry && parse(entry.value);
        const next = change(current);
        if (next === current) return next;
        await watch?.before(key, current, next);
        const revision = await store.put(key, utf8.encode(JSON.stringify(next)), { ifRevision: entry?.revision ?? 0 });
        if (revision === null) continue;
        await watch?.after(key, current, next);
        return next;
      }
      throw busy(key);
    },
    async delete(key, check) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const entry = await store.get(key);
        if (entry === null) return null;
        const current = parse(entry.value);
        check(current);
        await watch?.before(key, current, null);
        if (!(await store.delete(key, { ifRevision: entry.revision }))) continue;
        await watch?.after(key, current, null);
        return current;
      }
      throw busy(key);
    },
    keys: (prefix) => keysIn(store, prefix),
  };
}

function busy(key: string): BrinkError {
  return new BrinkError('write-conflict', `Others kept writing "${key}"; this change was given up after ${ATTEMPTS} attempts. Try again.`);
}
