import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaveOut } from '../../left-out.ts';
import { open } from '../../conformance/raw-exchange.ts';
import { removeFolder } from '../../remove-folder.ts';

/** 10,000 take half a minute, and as many file descriptors on each side. */
const CONNECTIONS = Number(process.env['BRINK_TEST_CONNECTIONS'] ?? 1_000);
const ROOT = join(import.meta.dirname, '../../..');

describe('connections that are kept, and idle', () => {
  let state: string;
  let host: ChildProcess;
  let url: string;
  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'brink-idle-'));
    host = spawn(process.execPath, ['host/cli/bin.js', 'serve', '--port', '0', '--state', state, '--json'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(host.stdout!), 'line')) as [string];
    url = (JSON.parse(line) as { listening: string }).listening;
  });
  afterAll(async () => {
    host.kill('SIGTERM');
    await once(host, 'exit');
    removeFolder(state);
  });

  it(`${CONNECTIONS} of them cost little memory, and the host answers`, async (context) => {
    if (!existsSync('/proc/self/status')) leaveOut(context, 'the memory of a process is read from /proc');
    await Promise.all(Array.from({ length: 50 }, () => fetch(url).then((response) => response.text())));
    const before = residentKiB(host.pid!);
    const sockets: Socket[] = [];
    let failed: string | undefined;
    while (sockets.length < CONNECTIONS && failed === undefined) {
      const some = await Promise.all(Array.from({ length: Math.min(100, CONNECTIONS - sockets.length) }, () => kept(url)));
      for (const socket of some) {
        if (typeof socket === 'string') failed = socket;
        else sockets.push(socket);
      }
    }
    const each = (residentKiB(host.pid!) - before) / sockets.length;
    console.log(
      `${sockets.length} idle connections${failed === undefined ? '' : ` (then: ${failed})`}: ${each.toFixed(1)} KiB of the host's memory each`,
    );
    const begun = performance.now();
    expect((await fetch(url)).status).toBe(404);
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(sockets.filter((socket) => socket.destroyed)).toEqual([]);
    expect(each).toBeLessThan(64);
    for (const socket of sockets) socket.destroy();
  }, 120_000);
});

/** A connection that has had its answer; why there is none, where the system has no more of them. */
function kept(url: string): Promise<Socket | string> {
  const socket = open(url);
  socket.write(`GET / HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
  return new Promise((resolve) => {
    socket.once('data', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}
