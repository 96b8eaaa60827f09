import type { Plan, World } from './simulator.ts';

export interface Scenario extends Plan {
  readonly name: string;
  readonly world: World;
  /** Whether the new version is as good as its guard asks for. */
  readonly good: boolean;
}

const STEPS = { steps: [1, 5, 25, 50, 100], every: 300_000, patience: 6 * 3_600_000 };
const RATE_AND_TAIL = { ...STEPS, guard: 'error_rate<1% && p95<1.2x' };
const steady = (share: number) => () => share;
/** Ten minutes of trouble after each ten without, as with a database that both versions use. */
const troubled = (time: number) => (Math.floor(time / 600_000) % 2 === 0 ? 0.001 : 0.04);

/** What new versions may be like. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'the same, 0.1 % fail', ...RATE_AND_TAIL, world: { rate: 50, errors: steady(0.001) }, good: true },
  { name: 'the same, 0.9 % fail', ...RATE_AND_TAIL, world: { rate: 50, errors: steady(0.009) }, good: true },
  { name: 'the same, both in trouble now and then', ...RATE_AND_TAIL, world: { rate: 50, errors: troubled }, good: true },
  { name: 'the same, guard error_rate<1x', ...STEPS, guard: 'error_rate<1x', world: { rate: 50, errors: troubled }, good: true },
  { name: 'the same, few requests', ...RATE_AND_TAIL, world: { rate: 5, errors: steady(0.005) }, good: true },
  { name: '2 % fail', ...RATE_AND_TAIL, world: { rate: 50, errors: steady(0.001), more: 0.02 }, good: false },
  { name: '5 % fail', ...RATE_AND_TAIL, world: { rate: 50, errors: steady(0.001), more: 0.05 }, good: false },
  { name: '50 % fail', ...RATE_AND_TAIL, world: { rate: 50, errors: steady(0.001), more: 0.5 }, good: false },
  {
    name: '5 % fail, from the third step on',
    ...RATE_AND_TAIL,
    world: { rate: 50, errors: steady(0.001), more: 0.05, fromStep: 2 },
    good: false,
  },
  {
    name: '3 times as many fail, guard error_rate<2x',
    ...STEPS,
    guard: 'error_rate<2x',
    world: { rate: 50, errors: steady(0.01), times: 3 },
    good: false,
  },
  { name: '1.3 times as slow', ...RATE_AND_TAIL, world: { rate: 50, errors: steady(0.001), slower: 1.3 }, good: false },
  { name: '2 times as slow', ...RATE_AND_TAIL, world: { rate: 50, errors: steady(0.001), slower: 2 }, good: false },
];
