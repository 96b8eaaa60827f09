import fc from 'fast-check';
import { expect } from 'vitest';
import type { Store } from '../../host/stores/store.ts';
import type { Clock } from './store-suite.ts';

type Call =
  | { call: 'put'; key: string; value: Uint8Array; if: 'any' | 'none' | 'current' | 'old'; ttl: number | undefined }
  | { call: 'get'; key: string }
  | { call: 'delete'; key: string; if: 'any' | 'none' | 'current' | 'old' }
  | { call: 'list'; prefix: string; limit: number }
  | { call: 'advance'; ms: number };

interface Kept {
  readonly value: number[];
  readonly revision: number;
  readonly expires: number;
}

const key = fc.oneof(
  fc.constantFrom('a', 'a/', 'a/b', 'a%', 'a_', 'ab', '\u{1F600}', '\uFFFD', ''),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const revision = fc.constantFrom('any' as const, 'any' as const, 'none' as const, 'current' as const, 'old' as const);
const calls = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        call: fc.constant('put' as const),
        key,
        value: fc.uint8Array({ maxLength: 8 }),
        if: revision,
        ttl: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ call: fc.constant('get' as const), key }) },
    { weight: 2, arbitrary: fc.record({ call: fc.constant('delete' as const), key, if: revision }) },
    { weight: 2, arbitrary: fc.record({ call: fc.constant('list' as const), prefix: key, limit: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 40 }) }) },
  ),
  { maxLength: 40 },
);

/** Runs random calls on the store and on a map, and compares every answer. Each run has a prefix of its own. */
export async function keptByModel(store: Store, clock: Clock): Promise<void> {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(calls, async (sequence) => {
      const model = new Model(store, clock, `run${run++}/`);
      for (const call of sequence) await model.check(call);
    }),
    { numRuns: 60 },
  );
}

export function byUtf8(a: string, b: string): number {
  const utf8 = new TextEncoder();
  const [left, right] = [utf8.encode(a), utf8.encode(b)];
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at === -1 ? left.length - right.length : left[at]! - (right[at] ?? -1);
}

class Model {
  readonly #entries = new Map<string, Kept>();
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #root: string;
  #now = 0;
  #last = 0;

  constructor(store: Store, clock: Clock, root: string) {
    this.#store = store;
    this.#clock = clock;
    this.#root = root;
  }

  async check(step: Call): Promise<void> {
    switch (step.call) {
      case 'put':
        return this.#put(step);
      case 'get':
        return this.#get(step.key);
      case 'delete':
        return this.#delete(step);
      case 'list':
        return this.#list(step);
      case 'advance':
        this.#now += step.ms;
        await this.#clock.advance(step.ms);
    }
  }

  async #put({ key: name, value, if: condition, ttl }: Call & { call: 'put' }): Promise<void> {
    const current = this.#current(name);
    const ifRevision = this.#condition(condition, current);
    const written = await this.#store.put(this.#root + name, value, {
      ...(ifRevision !== undefined && { ifRevision }),
      ...(ttl !== undefined && { ttl }),
    });
    if (ifRevision !== undefined && ifRevision !== (current?.revision ?? 0)) {
      expect(written).toBeNull();
      return;
    }
    expect(written).toBeGreaterThan(this.#last);
    this.#last = written!;
    this.#entries.set(name, { value: [...value], revision: written!, expires: this.#now + (ttl ?? Infinity) });
  }

  async #get(name: string): Promise<void> {
    const entry = await this.#store.get(this.#root + name);
    const current = this.#current(name);
    expect(entry && { value: [...entry.value], revision: entry.revision }).toEqual(
      current ? { value: current.value, revision: current.revision } : null,
    );
  }

  async #delete({ key: name, if: condition }: Call & { call: 'delete' }): Promise<void> {
    const current = this.#current(name);
    const ifRevision = this.#condition(condition, current);
    const deleted = await this.#store.delete(this.#root + name, ifRevision === undefined ? {} : { ifRevision });
    expect(deleted).toBe(current !== undefined && (ifRevision === undefined || ifRevision === current.revision));
    if (deleted) this.#entries.delete(name);
  }

  async #list({ prefix, limit }: Call & { call: 'list' }): Promise<void> {
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#store.list({ prefix: this.#root + prefix, limit, ...(cursor !== undefined && { cursor }) });
      expect(page.keys.length).toBeLessThanOrEqual(limit);
      if (page.cursor !== undefined) expect(page.keys.length).toBe(limit);
      listed.push(...page.keys);
      cursor = page.cursor;
    } while (cursor !== undefined);
    const wanted = [...this.#entries.keys()]
      .filter((name) => name.startsWith(prefix) && this.#current(name))
      .map((name) => this.#root + name);
    expect(listed).toEqual(wanted.toSorted(byUtf8));
  }

  #current(name: string): Kept | undefined {
    const entry = this.#entries.get(name);
    return entry && entry.expires > this.#now ? entry : undefined;
  }

  #condition(condition: 'any' | 'none' | 'current' | 'old', current: Kept | undefined): number | undefined {
    if (condition === 'any') return undefined;
    if (condition === 'none') return 0;
    return condition === 'current' ? (current?.revision ?? 0) : this.#last + 1_000;
  }
}
