import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { BindingError } from '../../../bindings/binding-error.ts';
import type { Connection } from '../../../bindings/d1/databases.ts';
import { execute, type ExecuteOptions } from '../../../bindings/d1/execute.ts';
import { hasFeed } from '../../../bindings/d1/reserved.ts';
import type { RowRule } from '../../../registry/change-rules.ts';
import { openConnection } from './connection.ts';
import { FrameReader, writeFrame, type Asked, type Frame, type OutboxCall } from './frame.ts';

/** Databases that stay open; each has a file or three. */
const MAX_OPEN = 16;

const [maxSize, maxMemory] = process.argv.slice(2).map(Number) as [number, number];
const open = new Map<string, Connection & { close(): void }>();

watch();
const reader = new FrameReader();
process.stdin.on('data', (bytes: Buffer) => {
  const frame = reader.push(bytes);
  if (frame !== undefined) void answerTo(frame).then((answer) => writeFrame(process.stdout, answer));
});
// The host has stopped, or died.
process.stdin.on('end', () => {
  for (const connection of open.values()) connection.close();
  process.exit(0);
});

async function answerTo({ head, body }: Frame): Promise<Frame> {
  try {
    const { path, rules, outbox } = JSON.parse(head) as Asked;
    const connection = connectionTo(path);
    if (outbox !== undefined) return { head: 'ok', body: Buffer.from(JSON.stringify((await answerOf(connection, outbox)) ?? null)) };
    const { answer, told } = execute(connection, body, { begin: await feedFor(connection, rules), now: Date.now });
    return { head: told ? 'told' : 'ok', body: answer };
  } catch (error) {
    if (error instanceof BindingError) return { head: 'failed', body: Buffer.from(error.message) };
    process.stderr.write(`brink: a database cannot be used: ${error instanceof Error ? error.stack : String(error)}\n`);
    return { head: 'unavailable', body: new Uint8Array() };
  }
}

/** Most databases have none: its modules are loaded with the first that has, as a process is to be there soon. */
async function feedFor(connection: Connection, rules: readonly RowRule[] | undefined): Promise<ExecuteOptions['begin']> {
  if (rules === undefined || (rules.length === 0 && !hasFeed(connection))) return undefined;
  const { beginFeed } = await import('../../../bindings/d1/feed/feed.ts');
  return () => beginFeed(connection, { rules, now: Date.now });
}

async function answerOf(connection: Connection, call: OutboxCall): Promise<unknown> {
  const { outboxIn } = await import('../../../bindings/d1/feed/outbox.ts');
  const outbox = outboxIn(connection);
  switch (call.what) {
    case 'queues':
      return outbox.queues();
    case 'first':
      return outbox.first(call.queue, call.limit).map(({ seq, message }) => ({
        seq,
        message: { ...message, body: Buffer.from(message.body).toString('base64') },
      }));
    case 'remove':
      return outbox.remove(call.queue, call.seqs);
    default:
      return call satisfies never;
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
