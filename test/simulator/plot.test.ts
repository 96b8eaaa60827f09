import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXPERIMENTS, run } from './experiments.ts';
import { PANELS } from './plot.ts';

const COMMITTED = readFileSync(join(import.meta.dirname, 'plot.svg'), 'utf8');

describe('the plot', () => {
  it('is what the code makes: `npm run simulate -- --plot test/simulator/plot.svg` after a change', async () => {
    // One panel of ten; all of them take minutes.
    const results = await run('policy', { seed: 1, scale: 1, scenarios: ['uneven'] });
    expect(COMMITTED).toContain(PANELS.uneven!(results));
  });

  it('has a panel for each scenario, and for each number that is varied', () => {
    const varied = Object.keys(EXPERIMENTS).filter((name) => name !== 'policy');
    expect(Object.keys(PANELS)).toEqual([...EXPERIMENTS.policy.scenarios, ...varied]);
    expect(COMMITTED.split('<g transform').length - 1).toBe(Object.keys(PANELS).length);
  });
});
