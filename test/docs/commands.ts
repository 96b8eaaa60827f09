import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Clone } from './clone.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs until it is stopped. */
export interface Staying {
  /** Where it listens. */
  readonly url: string;
  stdout(): string;
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/** Runs lines of a shell, which ends at the first that fails. */
export async function run(clone: Clone, script: string, env: Environment): Promise<Ended> {
  const { child, output } = shell(clone, script, env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: output.stdout, stderr: output.stderr };
}

/** Starts a line of a shell that serves, and waits until it says where. */
export async function stay(clone: Clone, script: string, env: Environment): Promise<Staying> {
  const { child, output } = shell(clone, script, env);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', () => {
      const [, found] = /Listening on (\S+)\n/.exec(output.stdout) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('close', (code) => reject(new Error(`It ended with ${code}:\n${output.stdout}${output.stderr}`)));
  });
  return {
    url,
    stdout: () => output.stdout,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      // The shell and everything below it, npm too.
      process.kill(-child.pid!, 'SIGTERM');
      await closed;
    },
  };
}

function shell(clone: Clone, script: string, env: Environment): { child: ChildProcess; output: { stdout: string; stderr: string } } {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: clone.path,
    env: { ...clone.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
  return { child, output };
}
