import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('under mixed load and random kills every request is answered or closed with a reason, and the counts add up', () => {
  // In a process of its own: it replaces what threads are made with.
  const run = fileURLToPath(new URL('./run.ts', import.meta.url));
  const output = execFileSync(process.execPath, [run, '--seconds', process.env['SOAK_SECONDS'] ?? '8', '--kills', '400'], {
    encoding: 'utf8',
  });
  const report = JSON.parse(output) as { requests: number; killed: number };
  expect(report.requests).toBeGreaterThan(50);
  expect(report.killed).toBeGreaterThan(0);
}, 200_000);
