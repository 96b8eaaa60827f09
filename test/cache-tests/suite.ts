import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Outcome, OutcomeWord } from './results.ts';

/** A copy of the suite. */
export interface Suite {
  /** Runs all tests, or the one with this id. */
  run(url: string, id?: string): Promise<Record<string, unknown>>;
  outcomes(results: Record<string, unknown>): Outcome[];
}

interface TestCase {
  readonly id: string;
  readonly kind?: 'required' | 'optimal' | 'check';
  dump?: boolean;
}

interface TestGroup {
  readonly tests: readonly TestCase[];
}

interface Runner {
  runTests(groups: readonly TestGroup[], browser: boolean, url: string): Promise<void>;
  getResults(): Record<string, unknown>;
}

interface Results {
  determineTestResult(groups: readonly TestGroup[], id: string, results: object): readonly [string, string, string];
  readonly resultTypes: Readonly<Record<OutcomeWord, readonly [string, string, string]>>;
}

export async function loadSuite(root: string): Promise<Suite> {
  // Its client asks for undici, which a copy without its packages has not.
  const undici = import.meta.resolve('undici');
  registerHooks({ resolve: (name, context, next) => next(name === 'undici' ? undici : name, context) });
  const load = async (path: string) => (await import(pathToFileURL(resolve(root, path)).href)) as unknown;
  const { default: groups } = (await load('tests/index.mjs')) as { default: TestGroup[] };
  const { runTests, getResults } = (await load('test-engine/client/runner.mjs')) as Runner;
  const { determineTestResult, resultTypes } = (await load('test-engine/lib/results.mjs')) as Results;
  const words = new Map(Object.entries(resultTypes).map(([word, [, , sign]]) => [sign, word as OutcomeWord]));
  return {
    async run(url, id) {
      const wanted = id === undefined ? groups : groups.map((group) => ({ ...group, tests: group.tests.filter((test) => test.id === id) }));
      if (id !== undefined) for (const test of wanted.flatMap(({ tests }) => tests)) test.dump = true;
      await runTests(wanted, false, url);
      return getResults();
    },
    outcomes: (results) =>
      groups
        .flatMap(({ tests }) => tests)
        .map(({ id, kind = 'required' }) => {
          const [, , sign] = determineTestResult(groups, id, results);
          const told = results[id];
          const message = Array.isArray(told) ? ` (${told.join(': ')})` : '';
          return { id, kind, outcome: words.get(sign)!, message };
        }),
  };
}
