import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const RUN = join(import.meta.dirname, 'run.ts');
const SHORT = ['--scale', '0.005', '--scenario', 'heavy,many'];

describe('npm run simulate', () => {
  it('prints the same, byte for byte, for the same seed, and other things for another', () => {
    const [first, second, other] = ['7', '7', '8'].map((seed) => simulate('--json', '--seed', seed, ...SHORT).stdout);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    const results = JSON.parse(first!) as Record<string, unknown>[];
    expect(results).toHaveLength(8);
    const keys = 'experiment, scenario, value, calls, latency, delay, cold, shed, memory, utilisation';
    expect(Object.keys(results[0]!).join(', ')).toBe(keys);
  });

  it('prints a table with a line for each scenario and policy', () => {
    const { stdout } = simulate('--policy', 'latency,two-choices', ...SHORT);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    const columns = 'scenario, policy, p50, p95, p99, p99.9, added p95, added p99, added p99.9, cold, shed, MB, CPU';
    expect(head!.split(/ {2,}/)).toEqual(columns.split(', '));
    const lines = rows.map((row) => row.split(/ {2,}/).slice(0, 2).join(' '));
    expect(lines.join(', ')).toBe('heavy two-choices, heavy latency, many two-choices, many latency');
  });

  it.each([
    [['--scenario', 'calm'], '--scenario "calm" is none of steady, '],
    [['--vary', 'idle', '--scenario', 'steady'], '--scenario "steady" is none of many.'],
    [['--vary', 'idle', '--policy', 'latency'], '--policy says what --vary idle leaves as it is.'],
    [['--scale', '0'], '--scale "0" is no number above 0.'],
  ])('refuses %j, and says what there is', (args, message) => {
    const { status, stderr } = simulate(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm run simulate -- [OPTIONS]');
  });
});

function simulate(...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8' });
}
