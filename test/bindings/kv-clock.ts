import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byUtf8 } from '../stores/store-model.ts';
import type { OpenedKv } from './kv-suite.ts';

type Opened = Required<OpenedKv>;

/** What can be seen where time is held: ends of values, and long random histories. */
export function clockSuite(open: () => Opened): void {
  describe('in time', () => {
    it('a value is there until its expiration, and gone with it', async () => {
      const { kv, clock } = open();
      const at = Math.floor(clock.now() / 1000) + 100;
      await kv.put('t/at', '1', { expiration: at, metadata: 1 });
      await kv.put('t/count', '1', { expiration: at });
      await clock.advance(at * 1000 - clock.now() - 1);
      expect(await kv.get('t/at')).toBe('1');
      expect(await kv.increment('t/count')).toBe(2);
      await clock.advance(1);
      expect(await kv.getWithMetadata('t/at')).toEqual({ value: null, metadata: null, cacheStatus: null });
      expect(await kv.getWithRevision('t/at')).toMatchObject({ revision: 0 });
      expect(await kv.get(['t/at'])).toEqual(new Map([['t/at', null]]));
      expect((await kv.list({ prefix: 't/' })).keys).toEqual([]);
      expect(await kv.increment('t/count')).toBe(1);
      await kv.put('t/at', '2', { ifRevision: 0 });
      expect((await kv.list({ prefix: 't/at' })).keys).toEqual([{ name: 't/at' }]);
    });

    it('expirationTtl counts from the whole second', async () => {
      const { kv, clock } = open();
      await clock.advance(1_000 - (clock.now() % 1_000) + 999);
      await kv.put('t/ttl', '1', { expirationTtl: 60 });
      await clock.advance(59_000);
      expect(await kv.get('t/ttl')).toBe('1');
      await clock.advance(1);
      expect(await kv.get('t/ttl')).toBeNull();
    });

    it('does what a map does, whatever the order of calls', async () => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          const model = new Model(open(), `h${round++}/`);
          for (const step of steps) await model.check(step);
        }),
        { numRuns: 60 },
      );
    });
  });
}

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'a/', 'a/b', 'B', '\uFF21', '\u{1F600}', '\u{10FFFF}', '%', '_'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
);
const history = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('put' as const),
        key,
        ttl: fc.option(fc.integer({ min: 60, max: 100 })),
        metadata: fc.option(fc.jsonValue({ maxDepth: 1 })),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('get' as const), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('list' as const),
        prefix: fc.oneof(fc.constant(''), key),
        limit: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), seconds: fc.integer({ min: 1, max: 50 }) }) },
  ),
  { maxLength: 40 },
);
type Step = typeof history extends fc.Arbitrary<(infer One)[]> ? One : never;

class Model {
  readonly #opened: Opened;
  readonly #root: string;
  readonly #entries = new Map<string, { value: string; metadata: unknown; expiration: number | undefined }>();
  #count = 0;

  constructor(opened: Opened, root: string) {
    this.#opened = opened;
    this.#root = root;
  }

  async check(step: Step): Promise<void> {
    const { kv, clock } = this.#opened;
    switch (step.do) {
      case 'put': {
        const value = `value ${this.#count++}`;
        const metadata = step.metadata === null ? null : (JSON.parse(JSON.stringify(step.metadata)) as unknown);
        const expiration = step.ttl === null ? undefined : Math.floor(clock.now() / 1000) + step.ttl;
        await kv.put(this.#root + step.key, value, { metadata, ...(step.ttl !== null && { expirationTtl: step.ttl }) });
        this.#entries.set(step.key, { value, metadata, expiration });
        return;
      }
      case 'get': {
        const entry = this.#current(step.key);
        expect(await kv.getWithMetadata(this.#root + step.key)).toEqual({
          value: entry?.value ?? null,
          metadata: entry?.metadata ?? null,
          cacheStatus: null,
        });
        return;
      }
      case 'delete':
        await kv.delete(this.#root + step.key);
        this.#entries.delete(step.key);
        return;
      case 'list':
        return this.#list(step.prefix, step.limit);
      case 'advance':
        await clock.advance(step.seconds * 1000);
    }
  }

  async #list(prefix: string, limit: number): Promise<void> {
    const { kv } = this.#opened;
    const listed: unknown[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await kv.list({ prefix: this.#root + prefix, limit, ...(cursor !== undefined && { cursor }) });
      listed.push(...page.keys);
      if (page.list_complete) break;
      expect(page.keys).toHaveLength(limit);
      cursor = page.cursor;
    }
    const wanted = [...this.#entries.keys()].filter((each) => each.startsWith(prefix) && this.#current(each)).toSorted(byUtf8);
    expect(listed).toEqual(
      wanted.map((each) => {
        const { metadata, expiration } = this.#current(each)!;
        return { name: this.#root + each, ...(expiration !== undefined && { expiration }), ...(metadata !== null && { metadata }) };
      }),
    );
  }

  #current(name: string) {
    const entry = this.#entries.get(name);
    return entry && (entry.expiration === undefined || entry.expiration * 1000 > this.#opened.clock.now()) ? entry : undefined;
  }
}
