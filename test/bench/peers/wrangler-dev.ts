import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { HELLO } from './functions.ts';

/** `wrangler dev`, which runs a Worker on workerd behind a proxy of its own. */
const WRANGLER = join(dirname(fileURLToPath(import.meta.resolve('wrangler/package.json'))), 'bin/wrangler.js');

const folder = mkdtempSync(join(tmpdir(), 'brink-bench-wrangler-'));
writeFileSync(join(folder, 'index.js'), HELLO);
writeFileSync(join(folder, 'wrangler.toml'), 'name = "hello"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n');
const port = await freePort();
// A process group, as the servers are children that do not end with it.
const wrangler = spawn(
  process.execPath,
  [WRANGLER, 'dev', '--ip', '127.0.0.1', '--port', `${port}`, '--inspector-port', `${await freePort()}`],
  {
    cwd: folder,
    env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  },
);
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true });
  try {
    process.kill(-wrangler.pid!, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
});
wrangler.once('exit', (code) => process.exit(code === 0 ? 1 : (code ?? 1)));
process.once('SIGTERM', () => process.exit(143)).once('disconnect', () => process.exit(0));
for (const stream of [wrangler.stdout, wrangler.stderr])
  stream.on('data', (data: Buffer) => {
    if (String(data).includes('Ready on')) process.send!({ port });
  });
