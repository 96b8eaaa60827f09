import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../remove-folder.ts';

export const BIN = fileURLToPath(new URL('../../host/cli/bin.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  readonly node?: string;
}

/** Runs one command line of the real CLI, as a program. */
export async function brink(args: readonly string[], { cwd, env, stdin, node = process.execPath }: RunOptions): Promise<Ran> {
  const child = spawn(node, [BIN, ...args], { cwd, env: environment(env), stdio: 'pipe' });
  const output = gather(child);
  child.stdin.end(stdin ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: output.stdout(), stderr: output.stderr() };
}

export interface Started {
  stdout(): string;
  stderr(): string;
  /** Waits until what it has written so far matches. */
  says(pattern: RegExp): Promise<void>;
  readonly pid: number;
  /** Sends the signal, and gives the exit status. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Serving extends Started {
  readonly url: string;
}

/** Starts a command that keeps running. */
export function start(args: readonly string[], { cwd, env }: RunOptions): Started {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env: environment(env), stdio: 'pipe' });
  return {
    ...gather(child),
    pid: child.pid!,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = (await once(child, 'close')) as [number | null];
      return code;
    },
  };
}

/** Starts a command that serves, and waits until it listens. */
export async function serving(args: readonly string[], options: RunOptions): Promise<Serving> {
  const started = start(args, options);
  await started.says(/Listening on .+\n/);
  return { ...started, url: /Listening on (.+)\n/.exec(started.stdout())![1]! };
}

export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'brink-cli-'));
  return { path, remove: () => removeFolder(path) };
}

/** Without what the surroundings of the test would tell the CLI. */
/** As in a CI run, where libraries that guess colour a pipe: what the CLI writes into one must stay plain. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { BRINK_HOST: _host, BRINK_TOKEN: _token, BRINK_SECRET_KEY: _key, PORT: _port, FORCE_COLOR: _color, ...rest } = process.env;
  return { ...rest, CI: 'true', ...more };
}

function gather(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const check = () => waiting.forEach((look) => look());
  child.stdout!.on('data', (chunk) => ((stdout += String(chunk)), check()));
  child.stderr!.on('data', (chunk) => ((stderr += String(chunk)), check()));
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    says: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!pattern.test(stdout + stderr)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        child.once('close', () => reject(new Error(`It ended before it said ${pattern}:\n${stdout}${stderr}`)));
      }),
  };
}
