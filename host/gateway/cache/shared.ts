import { concat } from '../../bytes.ts';
import type { Store } from '../../stores/store.ts';
import { ageOf, type Entry } from './entry.ts';
import { normalized, type Field } from './vary.ts';

/** Responses in the store, where other hosts find them, and this one after a restart. */
export interface SharedResponses {
  /** The one that is kept under the key for such a request; null where there is none, or the store cannot be asked. */
  find(name: string, key: string, field: Field): Promise<Entry | null>;
  put(name: string, key: string, entry: Entry): Promise<void>;
  delete(name: string, key: string): Promise<void>;
  /** What of memory lies behind a key of the store that another host has written; null where it is none of these. */
  changed(key: string): ((name: string, key: string) => boolean) | null;
}

export const CACHE_PREFIX = 'cache/';
/** In ms: what is fresh for less is not worth a write. */
const LEAST = 10_000;
/** Of a function. */
const QUOTA = { keys: 20_000, bytes: 256 * 2 ** 20 };

/** What lies under a key: an entry, or the names of the headers that make a difference, with the entries beside it. */
interface StoredHead {
  /** The whole key: two may have one hash. */
  readonly key: string;
  readonly vary?: readonly string[];
  readonly entry?: Omit<Entry, 'body' | 'text'>;
  readonly isText?: boolean;
}

export function sharedIn(store: Store, now: () => number): SharedResponses {
  /** Those that this host has written itself, and will be told of. */
  const own = new Map<string, number>();

  const write = async (at: string, head: StoredHead, body: Uint8Array, ttl: number) => {
    own.set(at, now());
    for (const [first, time] of own) {
      if (now() - time < 10_000) break;
      own.delete(first);
    }
    await store.put(at, framed(head, body), { ttl, quota: QUOTA });
  };

  return {
    async find(name, key, field) {
      try {
        const at = placeOf(name, key);
        const found = await read(store, at, key);
        if (found?.head.vary === undefined) return found === null ? null : entryIn(found);
        const variant = await read(store, variantOf(at, found.head.vary, field), key);
        return variant === null ? null : entryIn(variant);
      } catch {
        return null;
      }
    },
    async put(name, key, entry) {
      const { body, text, ...head } = entry;
      const { lifetime, whileRevalidate, ifError } = entry.terms;
      const left = lifetime - ageOf(entry, now());
      if (left < LEAST || entry.part !== null) return;
      const ttl = Math.ceil(left + Math.max(whileRevalidate, ifError));
      const at = placeOf(name, key);
      const stored = { key, entry: head, isText: text !== null };
      // A quota that is full, or a store that is away: the memory has it.
      try {
        if (entry.selectors === null) return await write(at, stored, body, ttl);
        const vary = entry.selectors.map(([header]) => header);
        const values = new Map(entry.selectors);
        await write(at, { key, vary }, EMPTY, ttl);
        await write(
          variantOf(at, vary, (header) => values.get(header) ?? null),
          stored,
          body,
          ttl,
        );
      } catch {
        return;
      }
    },
    async delete(name, key) {
      const at = placeOf(name, key);
      own.set(at, now());
      await store.delete(at).catch(() => {});
    },
    changed(key) {
      if (!key.startsWith(CACHE_PREFIX)) return null;
      if (own.delete(key)) return () => false;
      const at = key.split('.', 1)[0]!;
      return (name, each) => placeOf(name, each) === at;
    },
  };
}

const EMPTY = new Uint8Array();
const utf8 = new TextEncoder();
const decoder = new TextDecoder();

interface Found {
  readonly head: StoredHead;
  readonly body: Uint8Array<ArrayBuffer>;
}

async function read(store: Store, at: string, key: string): Promise<Found | null> {
  const entry = await store.get(at);
  if (entry === null) return null;
  const { value } = entry;
  const size = new DataView(value.buffer, value.byteOffset, 4).getUint32(0);
  const head = JSON.parse(decoder.decode(value.subarray(4, 4 + size))) as StoredHead;
  return head.key === key ? { head, body: value.slice(4 + size) } : null;
}

function entryIn({ head: { entry, isText }, body }: Found): Entry | null {
  return entry === undefined ? null : { ...entry, body, text: isText === true ? decoder.decode(body) : null };
}

function framed(head: StoredHead, body: Uint8Array): Uint8Array {
  const text = utf8.encode(JSON.stringify(head));
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, text.byteLength);
  return concat([size, text, body]);
}

function placeOf(name: string, key: string): string {
  return `${CACHE_PREFIX}${name}/${hashOf(key)}`;
}

function variantOf(at: string, vary: readonly string[], field: Field): string {
  return `${at}.${hashOf(JSON.stringify(vary.map((name) => normalized(name, field(name)))))}`;
}

/** Not to be safe from those who look for two that are the same: the whole key lies beside what is kept. */
function hashOf(text: string): string {
  let [a, b, c, d] = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as [number, number, number, number];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
    c = Math.imul(c ^ (code + index), 2_246_822_507);
    d = Math.imul(d ^ (code + index), 3_266_489_909);
  }
  return [a ^ (b >>> 15), b ^ (a >>> 13), c ^ (d >>> 16), d ^ (c >>> 11)]
    .map((part) => (part >>> 0).toString(16).padStart(8, '0'))
    .join('');
}
