import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { removeFolder } from '../remove-folder.ts';

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

export interface ServerOptions {
  readonly jetstream?: boolean;
  /** Lines of its configuration file. */
  readonly config?: string;
  readonly args?: readonly string[];
}

export async function startNatsServer({ jetstream = true, config, args = [] }: ServerOptions = {}): Promise<NatsServer> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-nats-'));
  let child: ChildProcess;
  let port = -1;
  let log = '';

  const configuration = join(directory, 'nats.conf');
  if (config !== undefined) writeFileSync(configuration, config);
  const all = [
    '-a',
    '127.0.0.1',
    '--ports_file_dir',
    directory,
    ...(jetstream ? ['-js', '-sd', directory] : []),
    ...(config === undefined ? [] : ['-c', configuration]),
    ...args,
  ];

  async function start(): Promise<void> {
    log = '';
    child = spawn(BINARY, ['-p', String(port), ...all], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-20_000)));
    const file = join(directory, `${BINARY.split('/').at(-1)}_${child.pid}.ports`);
    for (const end = Date.now() + 20_000; ; await wait(5)) {
      const [, listening] = /"((?:nats|tls):[^"]+)"/.exec(existsSync(file) ? readFileSync(file, 'utf8') : '') ?? [];
      if (listening !== undefined) port = Number(new URL(listening).port);
      if (listening !== undefined && /Server is ready/.test(log)) return;
      if (child.exitCode !== null || Date.now() > end) throw new Error(`nats-server did not start:\n${log}`);
    }
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
      removeFolder(directory);
    },
  };
}

function versionOfServer(): string | null {
  const { status, stdout } = spawnSync(BINARY, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /v(\d\S+)/.exec(stdout)![1]! : null;
}
