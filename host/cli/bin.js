#!/usr/bin/env node
// Plain JavaScript that Node 18 can read: it finds a Node that can run the rest.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 26;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(process.platform === 'win32' ? [] : ['SIGUSR2'])];

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  await import('./compile-cache.js');
  // Node runs a clone's sources as they are; a published package holds what `npm run build` makes of them.
  const source = new URL('./main.ts', import.meta.url);
  const { main } = await import(existsSync(source) ? source.href : new URL('../../dist/host/cli/main.js', import.meta.url).href);
  await main(process.argv.slice(2));
} else {
  const node = ownNode();
  if (node === null) {
    console.error(
      `brink needs Node ${NEEDED} or newer; this is ${process.versions.node}. Install it from https://nodejs.org, or add it to the project: npm install node@${NEEDED}`,
    );
    process.exitCode = 1;
  } else {
    runOn(node);
  }
}

/** The binary of the npm package "node", where it is installed beside this package and new enough. */
function ownNode() {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve('node/package.json');
    if (Number(JSON.parse(readFileSync(manifest, 'utf8')).version.split('.')[0]) < NEEDED) return null;
    const names = process.platform === 'win32' ? ['node.exe', 'node'] : ['node'];
    return names.map((name) => join(dirname(manifest), 'bin', name)).find((path) => existsSync(path)) ?? null;
  } catch {
    return null;
  }
}

function runOn(node) {
  // The channel says nothing; it closes when this process is killed, and then the child stops too.
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const forward = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  child.on('error', (error) => {
    console.error(`brink could not start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    for (const name of SIGNALS) process.off(name, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}
