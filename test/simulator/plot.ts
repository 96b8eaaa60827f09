import { EXPERIMENTS, type ExperimentName, type Result } from './experiments.ts';
import { panel, type Axis, type Series } from './svg.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';
import { short } from './table.ts';

const DELAY: Axis = { title: 'added to a call, ms', least: 0.01, most: 10_000, log: true, ticks: [0.01, 0.1, 1, 10, 100, 1_000, 10_000] };
const PARTS: Axis = { title: 'percentile', least: 0, most: 3, log: false, ticks: [0, 1, 2, 3], names: ['50', '95', '99', '99.9'] };
const MEMORY: Axis = { title: 'MB of cells on a host', least: 0, most: 1_050, log: false, ticks: [0, 250, 500, 750, 1_000] };
const TAIL: Axis = { ...DELAY, title: 'added to one call in a hundred, ms', least: 0.1, ticks: DELAY.ticks.slice(1) };
const COLD: Axis = { title: 'cold calls, %', least: 0, most: 20, log: false, ticks: [0, 5, 10, 15, 20] };

/** The panels of the plot, by name: each has what it shows of all results, and is the same for the same. */
export const PANELS: Readonly<Record<string, (results: readonly Result[]) => string>> = {
  ...Object.fromEntries(
    EXPERIMENTS.policy.scenarios.map((scenario) => [scenario, (results: readonly Result[]) => policies(scenario, results)] as const),
  ),
  target: (results) => scaling('target', TAIL, results),
  'panic-window': (results) => scaling('panic-window', TAIL, results),
  'stable-window': (results) => scaling('stable-window', TAIL, results),
  idle: (results) => scaling('idle', COLD, results),
};

const [WIDTH, HEIGHT, COLUMNS] = [330, 270, 3];

/** @param results of all experiments */
export function plotOf(results: readonly Result[]): string {
  const names = Object.keys(PANELS);
  const rows = Math.ceil(names.length / COLUMNS);
  const parts = names.map((name, index) => {
    const [x, y] = [(index % COLUMNS) * WIDTH, Math.floor(index / COLUMNS) * HEIGHT];
    return `<g transform="translate(${x} ${y})">\n${PANELS[name]!(results)}</g>\n`;
  });
  const [width, height] = [COLUMNS * WIDTH, rows * HEIGHT];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="#fff"/>
${parts.join('')}</svg>
`;
}

function policies(scenario: ScenarioName, results: readonly Result[]): string {
  const own = results.filter((result) => result.experiment === 'policy' && result.scenario === scenario);
  const series = own.map(({ value, delay }): Series => {
    const points = [delay.p50, delay.p95, delay.p99, delay.p999].map((ms, x) => ({ x, y: ms }));
    return { name: String(value), points };
  });
  return panel({ title: `policies: ${SCENARIOS[scenario].title}`, x: PARTS, y: DELAY, series });
}

/** What a number costs in memory, and what it gives. */
function scaling(name: ExperimentName, y: Axis, results: readonly Result[]): string {
  const of = (result: Result) => (y === COLD ? result.cold * 100 : result.delay.p99);
  const series = EXPERIMENTS[name].scenarios.map((scenario): Series => {
    const points = results
      .filter((result) => result.experiment === name && result.scenario === scenario)
      .map((result) => ({ x: result.memory, y: of(result), label: short(Number(result.value)) }));
    return { name: SCENARIOS[scenario].title, points };
  });
  return panel({ title: EXPERIMENTS[name].title, x: MEMORY, y, series });
}
