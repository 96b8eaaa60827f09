import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './ratelimit-function.ts';

/** Asks one after the other; `name` is the binding's. */
export type Ask = (name: string, calls: readonly unknown[]) => Promise<Answer[]>;

/** What has to be bound. */
export const LIMITERS = [
  { name: 'THREE', namespace_id: '1', simple: { limit: 3, period: 60 } },
  { name: 'SAME', namespace_id: '1', simple: { limit: 3, period: 60 } },
  { name: 'OTHER', namespace_id: '2', simple: { limit: 3, period: 60 } },
  { name: 'SHORT', namespace_id: '3', simple: { limit: 2, period: 10 } },
] as const;

const MINUTE = 60_000;
const [yes, no] = [{ success: true }, { success: false }];

/** What a rate limit promises, as Workers has it. */
export function rateLimitSuite(name: string, open: () => Promise<{ ask: Ask; close(): void | Promise<void> }>): void {
  describe(`rate limits: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let ask: Ask;
    beforeAll(async () => {
      opened = await open();
      ask = opened.ask;
    });
    afterAll(() => opened.close());

    it('let a key through as often as they say', async () => {
      await withinMinute(async (key) => {
        expect(await ask('THREE', Array<object>(5).fill({ key }))).toEqual([yes, yes, yes, no, no]);
      });
    });

    it('count each key by itself', async () => {
      await withinMinute(async (key) => {
        expect(
          await ask(
            'THREE',
            [key, `${key}2`, key, `${key}2`, key, `${key}2`, key].map((each) => ({ key: each })),
          ),
        ).toEqual([yes, yes, yes, yes, yes, yes, no]);
      });
    });

    it('of one namespace count together, and others by themselves', async () => {
      await withinMinute(async (key) => {
        expect(await ask('THREE', [{ key }, { key }])).toEqual([yes, yes]);
        expect(await ask('SAME', [{ key }, { key }])).toEqual([yes, no]);
        expect(await ask('OTHER', [{ key }])).toEqual([yes]);
      });
    });

    it('take a limit and a period of the call as well, each period with its own count', async () => {
      await withinMinute(async (key) => {
        expect(await ask('THREE', [{ key, limit: 1 }, { key, limit: 1 }, { key }, { key }, { key }])).toEqual([yes, no, yes, yes, no]);
        expect(await ask('THREE', [{ key, period: 10 }])).toEqual([yes]);
      });
      expect(await ask('SHORT', [{ key: 'short' }])).toEqual([yes]);
    });

    it('refuse what is no option', async () => {
      const messages = (
        await ask('THREE', [
          'nothing',
          'text',
          { key: 1 },
          { key: 'a', more: 1, other: 2 },
          { limit: '1' },
          { period: '10' },
          { period: 20 },
        ])
      ).map((answer) => ('error' in answer ? answer.error.message : answer));
      expect(messages).toEqual([
        'invalid rate limit options',
        'invalid rate limit options',
        'invalid key: 1',
        'bad rate limit options: [more,other]',
        'limit must be a number: 1',
        'period must be a number: 10',
        'unsupported period: 20',
      ]);
    });

    it('without a key count what has none', async () => {
      await withinMinute(async () => {
        const answers = await ask('OTHER', [{}, { key: '' }, {}, { key: '' }]);
        expect(answers.at(-1)).toEqual(no);
      });
    });
  });
}

/** Again, with another key, where a new window began in the middle of it. */
async function withinMinute(test: (key: string) => Promise<void>): Promise<void> {
  const start = Math.floor(Date.now() / MINUTE);
  try {
    await test(`key-${Math.random()}`);
  } catch (error) {
    if (Math.floor(Date.now() / MINUTE) === start) throw error;
    await test(`key-${Math.random()}`);
  }
}

/** In a function at this URL. */
export function askAt(url: string): Ask {
  return async (name, calls) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ name, calls }) });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as Answer[];
  };
}

export async function functionSource(): Promise<string> {
  const text = await readFile(new URL('ratelimit-function.ts', import.meta.url), 'utf8');
  return (await transform(text, { loader: 'ts', format: 'esm', target: 'es2024' })).code;
}
