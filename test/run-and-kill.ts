import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';

export interface Child {
  /** Path of its module. */
  readonly module: string;
  readonly args: readonly string[];
  /** It is killed up to so many ms after its first line, or after so many lines: a slow machine gets to few in a time. */
  readonly within: number;
  readonly after?: number;
}

/** Kills a child (`SIGKILL`) in the middle of what it does, and gives the lines of JSON that it had written whole. */
export async function runAndKill<Line>({ module, args, within, after = 1 }: Child): Promise<Line[]> {
  const child = spawn(process.execPath, [module, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  let lines = 0;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, signal) => resolve(signal)));
  const enough = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      lines += text.split('\n').length - 1;
      if (lines >= after) resolve();
    });
  });
  await Promise.race([enough, ended]);
  await wait(Math.random() * within);
  child.kill('SIGKILL');
  expect(await ended, errors).toBe('SIGKILL');
  const whole = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return whole.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}
