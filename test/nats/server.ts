import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { it } from 'vitest';
import { leaveOut } from '../left-out.ts';

/** Another than the one in the path, such as a newer release. */
const BINARY = process.env['BRINK_TEST_NATS_SERVER'] ?? 'nats-server';

/** Null where there is none on this machine. */
export const natsVersion = versionOfServer();

export interface NatsServer {
  /** The same over restarts. */
  readonly url: string;
  readonly port: number;
  pid(): number;
  /** The newest lines of its log, of its last start. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  /** `SIGKILL`, and waits for its end. */
  kill(): Promise<void>;
  /** Again, at the same port and with what lies in its directory. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @param args after those of the address and JetStream's directory */
export async function startNatsServer(...args: string[]): Promise<NatsServer> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-nats-'));
  let child: ChildProcess;
  let port = -1;
  let log = '';

  async function start(): Promise<void> {
    log = '';
    child = spawn(BINARY, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', directory, '--ports_file_dir', directory, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-20_000)));
    const file = join(directory, `${BINARY.split('/').at(-1)}_${child.pid}.ports`);
    for (const end = Date.now() + 10_000; !/Server is ready/.test(log) || !existsSync(file); await wait(5)) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`nats-server did not start:\n${log}`);
    }
    const ports = JSON.parse(readFileSync(file, 'utf8')) as { nats: string[] };
    port = Number(new URL(ports.nats[0]!).port);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    // One that is stopped would not hear any other.
    child.kill('SIGCONT');
    await ended;
  }

  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    pid: () => child.pid!,
    log: () => log,
    signal: (name) => void child.kill(name),
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGKILL');
      rmSync(directory, { recursive: true });
    },
  };
}

/** Defines tests where there is a server to run them on; else prints why there are none. */
export function onNats(name: string, define: () => void): void {
  if (natsVersion !== null) return define();
  it(name, (context) => leaveOut(context, 'there is no nats-server on this machine; `apt-get install nats-server`'));
}

function versionOfServer(): string | null {
  const { status, stdout } = spawnSync(BINARY, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /v(\S+)/.exec(stdout)![1]! : null;
}
