import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

/**
 * `jco serve` of jco 1.32.0, in the fastest of its modes that work with the hello of StarlingMonkey. Tried on one machine
 * of 2 cores, with 1, 4 and 32 connections, which made no difference:
 *
 * - no isolation: the first request is answered, all others never, as the engine takes one request per instance;
 * - `--isolate-requests instance`: 97-100 requests per second; this one;
 * - the same with `--jco-import-bindings hybrid`: 78-97;
 * - the same with `optimized` or `direct-optimized`: what is generated is not valid JavaScript;
 * - `--isolate-requests worker`, with a pool of 50 (2.3 GB), 16 or 4: 7-14.
 */
const MODE = ['--isolate-requests', 'instance'];

const JCO = fileURLToPath(new URL('./jco.js', import.meta.resolve('@bytecodealliance/jco')));

const [component] = process.argv.slice(2) as [string];
const host = '127.0.0.1';
const port = await freePort();
// In a folder of the caller's, which removes it: jco does not where it is stopped by a signal.
const files = ['--jco-dir', join(dirname(component), 'jco-serve')];
// A process group, as the server is a child of jco's that does not end with it.
const jco = spawn(process.execPath, [JCO, 'serve', component, '--host', host, '--port', `${port}`, ...MODE, ...files], {
  stdio: ['ignore', 'inherit', 'pipe'],
  detached: true,
});
jco.once('exit', (code) => process.exit(code === 0 ? 1 : (code ?? 1)));
process.once('SIGTERM', stop).once('disconnect', stop);
jco.stderr.on('data', (data: Buffer) => {
  if (String(data).includes('Server listening')) process.send!({ port });
  else process.stderr.write(data);
});

function stop(): void {
  process.kill(-jco.pid!, 'SIGKILL');
}
