import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../host/cli/program.ts';
import { BIN, temporaryFolder } from '../cli/brink.ts';
import { blocksOf } from './blocks.ts';

/** The systemd units of the README: sections, and their keys. */
const unit = parsed('brink.service');
const socket = parsed('brink.socket');
const [program, command, ...args] = unit['Service']!['ExecStart']!.split(' ');

describe('the systemd unit of the README', () => {
  it('has no section and no key that would be a mistake', () => {
    expect(Object.fromEntries(Object.entries(unit).map(([section, keys]) => [section, Object.keys(keys)]))).toEqual({
      Unit: ['Description', 'Requires', 'After'],
      Service: ['ExecStart', 'KillMode', 'KillSignal', 'TimeoutStopSec', 'Restart', 'DynamicUser', 'StateDirectory'],
      Install: ['WantedBy'],
    });
    expect(socket).toEqual({ Socket: { ListenStream: '80' }, Install: { WantedBy: 'sockets.target' } });
    expect([program, command]).toEqual(['/usr/local/bin/brink', 'serve']);
    expect(args[args.indexOf('--state') + 1]).toBe(`/var/lib/${unit['Service']!['StateDirectory']}`);
  });

  it('gives the host more time to stop than that takes', () => {
    const serve = createProgram().commands.find((each) => each.name() === 'serve')!;
    const seconds = (flag: string) =>
      Number(args.includes(flag) ? args[args.indexOf(flag) + 1] : serve.options.find(({ long }) => long === flag)!.defaultValue);
    expect(Number(unit['Service']!['TimeoutStopSec'])).toBeGreaterThan(seconds('--drain-timeout') + seconds('--drain-delay'));
  });

  it.skipIf(process.platform === 'win32')('runs on a socket that it is handed, and ends with 0 at its signal', async () => {
    const folder = temporaryFolder();
    const listening = createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const own = args.with(args.indexOf('--state') + 1, folder.path);
    // As systemd does it: the number of the process that gets the socket as its fourth file.
    const child = spawn('sh', ['-c', 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"', process.execPath, BIN, command!, ...own], {
      stdio: ['ignore', 'pipe', 'inherit', (listening as unknown as { _handle: { fd: number } })._handle.fd],
    });
    // It is the host's alone from here on: two would share what comes.
    listening.close();
    let said = '';
    child.stdout!.on('data', (text) => (said += String(text)));
    await expect.poll(() => said).toContain(`:${port}\n`);
    expect((await fetch(`http://127.0.0.1:${port}/_brink/health/ready`)).status).toBe(200);
    child.kill(constants.signals[unit['Service']!['KillSignal'] as 'SIGTERM']);
    expect(await once(child, 'close')).toEqual([0, null]);
    folder.remove();
  });
});

function parsed(title: string): Record<string, Record<string, string>> {
  const [block] = blocksOf('README.md').filter(({ attributes }) => attributes['title'] === title);
  const sections: Record<string, Record<string, string>> = {};
  let section = '';
  for (const line of block!.text.split('\n').filter((each) => each !== '')) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+)=(.+)$/.exec(line) ?? [];
    if (name !== undefined) sections[(section = name)] = {};
    else sections[section]![key!] = value!;
  }
  return sections;
}
