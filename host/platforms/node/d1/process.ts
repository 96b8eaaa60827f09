import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { BindingError } from '../../../bindings/binding-error.ts';
import type { Connection } from '../../../bindings/d1/databases.ts';
import { execute } from '../../../bindings/d1/execute.ts';
import { openConnection } from './connection.ts';
import { FrameReader, writeFrame, type Frame } from './frame.ts';

/** Databases that stay open; each has a file or three. */
const MAX_OPEN = 16;

const [maxSize, maxMemory] = process.argv.slice(2).map(Number) as [number, number];
const open = new Map<string, Connection & { close(): void }>();

watch();
const reader = new FrameReader();
process.stdin.on('data', (bytes: Buffer) => {
  const frame = reader.push(bytes);
  if (frame !== undefined) writeFrame(process.stdout, answerTo(frame));
});
// The host has stopped, or died.
process.stdin.on('end', () => {
  for (const connection of open.values()) connection.close();
  process.exit(0);
});

function answerTo({ head: path, body }: Frame): Frame {
  try {
    return { head: 'ok', body: execute(connectionTo(path), body, Date.now) };
  } catch (error) {
    if (error instanceof BindingError) return { head: 'failed', body: Buffer.from(error.message) };
    process.stderr.write(`brink: a database cannot be used: ${error instanceof Error ? error.stack : String(error)}\n`);
    return { head: 'unavailable', body: new Uint8Array() };
  }
}

function connectionTo(path: string): Connection {
  const known = open.get(path);
  open.delete(path);
  const connection = known ?? openConnection(path, { maxSize });
  // The one that was used last stands last.
  open.set(path, connection);
  const [oldest] = open;
  if (open.size > MAX_OPEN && oldest !== undefined) {
    open.delete(oldest[0]);
    oldest[1].close();
  }
  return connection;
}

/**
 * Nothing ends a query of SQLite from within its own thread. So another one of this process watches that its host is there
 * and its memory within limits, and ends the process where not. That a query takes too long is the host's to see.
 */
function watch(): void {
  const code = `
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent || process.memoryUsage.rss() > ${maxMemory}) process.kill(process.pid, 'SIGKILL');
    }, 200);`;
  new Worker(code, { eval: true }).unref();
}
