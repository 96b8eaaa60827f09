import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHistory, Recorder, type Model } from '../linearizable.ts';
import type { TestKv } from './kv.ts';

export type NumberInput =
  | { readonly do: 'get' }
  | { readonly do: 'swap'; readonly ifRevision: number; readonly value: number }
  | { readonly do: 'increment'; readonly by: number };
/** What `get` found; the new revision of a swap, or null; the sum. */
export type NumberOutput = { readonly value: number; readonly revision: number } | number | null;

interface State {
  readonly value: number;
  /** That of the last write, where it is known; else it is greater than this. */
  readonly revision: number;
  readonly known: boolean;
}

/** One number under one key, changed by compare-and-set and by `increment`. */
export const number: Model<State, NumberInput, NumberOutput> = {
  initial: { value: 0, revision: 0, known: true },
  step(state, input, output) {
    const may = (revision: number) => (state.known ? revision === state.revision : revision > state.revision);
    if (output === undefined) return unknownStep(state, input);
    switch (input.do) {
      case 'get': {
        const { value, revision } = output as { value: number; revision: number };
        return value === state.value && may(revision) ? { value, revision, known: true } : null;
      }
      case 'swap':
        if (output === null) return state.known && input.ifRevision === state.revision ? null : state;
        if (!may(input.ifRevision) || (output as number) <= state.revision) return null;
        return { value: input.value, revision: output as number, known: true };
      case 'increment':
        return output === state.value + input.by ? { value: output, revision: state.revision, known: false } : null;
    }
  },
  keyOf: ({ value, revision, known }) => `${value} ${revision} ${known}`,
};

/** What an operation has done of which nobody knows whether it was done: its revision is not known either. */
function unknownStep({ value, revision, known }: State, input: NumberInput): State | null {
  switch (input.do) {
    case 'get':
      return null;
    case 'swap':
      return (known ? input.ifRevision === revision : input.ifRevision > revision)
        ? { value: input.value, revision: Math.max(revision, input.ifRevision), known: false }
        : null;
    case 'increment':
      return { value: value + input.by, revision, known: false };
  }
}

/** @param open gives the same namespace, as several clients reach it */
export function linearSuite(name: string, open: () => Promise<{ clients: readonly TestKv[]; close(): void | Promise<void> }>): void {
  describe(`linearizability of KV: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it.each([1, 2, 3])('increments and compare-and-set are one after the other (%i)', async (round) => {
      const key = `linear/${round}`;
      const recorder = new Recorder<NumberInput, NumberOutput>();
      let [added, swapped] = [0, 0];
      const get = async (kv: TestKv) =>
        (await recorder.run({ do: 'get' }, async () => {
          const { value, revision } = await kv.getWithRevision(key);
          return { value: Number(value ?? 0), revision };
        })) as { value: number; revision: number };
      const client = async (kv: TestKv, index: number) => {
        for (let step = 0; step < 8; step++) {
          // So that they do not go in step.
          await new Promise((resolve) => setTimeout(resolve, (index * 7 + step * 3) % 5));
          if ((step + index) % 3 === 0) {
            await recorder.run({ do: 'increment', by: index }, () => kv.increment(key, index));
            added += index;
            continue;
          }
          const { value, revision } = await get(kv);
          const swap = { do: 'swap', ifRevision: revision, value: value + 1_000 } as const;
          const done = await recorder.run(swap, () =>
            kv.put(key, String(swap.value), { ifRevision: revision }).then(
              (written) => (written as { revision: number }).revision,
              (error: { code?: string }) => {
                if (error.code !== 'conflict') throw error;
                return null;
              },
            ),
          );
          if (done !== null) swapped += 1_000;
        }
      };
      await Promise.all(opened.clients.flatMap((kv, index) => [client(kv, 2 * index + 1), client(kv, 2 * index + 2)]));
      expect(checkHistory(recorder.history, number)).toEqual({ linearizable: true });
      expect((await get(opened.clients[0]!)).value).toBe(added + swapped);
      expect(swapped).toBeGreaterThan(0);
    });
  });
}
