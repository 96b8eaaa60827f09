import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';

export interface Child {
  /** Path of its module. */
  readonly module: string;
  readonly args: readonly string[];
  /** It is killed up to so many ms after its first line. */
  readonly within: number;
}

/** Kills a child (`SIGKILL`) in the middle of what it does, and gives the lines of JSON that it had written whole. */
export async function runAndKill<Line>({ module, args, within }: Child): Promise<Line[]> {
  const child = spawn(process.execPath, [module, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, signal) => resolve(signal)));
  const first = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      resolve();
    });
  });
  await Promise.race([first, ended]);
  await wait(Math.random() * within);
  child.kill('SIGKILL');
  expect(await ended, errors).toBe('SIGKILL');
  const whole = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return whole.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}
