import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn, type ChildProcess } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import process from 'node:process';

type Spawned = (child: ChildProcess) => void;

/** Miniflare keeps its child to itself; Node tells of every one that begins, in the context that began it. */
const watchers = new AsyncLocalStorage<Spawned>();
let subscribed = false;

/** Runs `body` and calls `spawned` with each process that it starts, then or later. */
export function watchSpawns<Result>(spawned: Spawned, body: () => Result): Result {
  if (!subscribed) {
    subscribed = true;
    channel('child_process').subscribe((message) => watchers.getStore()?.((message as { process: ChildProcess }).process));
  }
  return watchers.run(spawned, body);
}

/** Runs `body`, whose processes nobody watches. */
export function unwatched<Result>(body: () => Result): Result {
  return watchers.exit(body);
}

/**
 * What a process that is only about to begin gets to read from whoever starts it, who writes it at once; nothing before they
 * have. Its input is not there yet when Node tells of it.
 *
 * @param changed what it gets instead
 */
export function watchInput(child: ChildProcess, changed: (written: Uint8Array) => Uint8Array): () => Uint8Array {
  let read: Uint8Array = new Uint8Array();
  let input: ChildProcess['stdin'] = null;
  Object.defineProperty(child, 'stdin', {
    configurable: true,
    get: () => input,
    set(stream: ChildProcess['stdin']) {
      input = stream;
      if (stream === null) return;
      const write = stream.write.bind(stream) as (chunk: Uint8Array, ...rest: never[]) => boolean;
      stream.write = ((chunk: Uint8Array, ...rest: never[]) => {
        read = changed(chunk);
        return write(read, ...rest);
      }) as typeof stream.write;
    },
  });
  return () => read;
}

/**
 * Sees to it that a child ends with this process, however that ends: a shell reads from a pipe that only we hold, and
 * kills the child when the pipe breaks.
 */
export function endWithParent(child: ChildProcess): void {
  if (process.platform === 'win32' || child.pid === undefined) return;
  // In a session of its own, so that Ctrl-C does not end the guard before it has done its work.
  const guard = watchers.exit(() =>
    spawn('/bin/sh', ['-c', 'read -r _ || kill -9 "$0"', String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true }),
  );
  guard.on('error', () => {});
  guard.stdin!.on('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  child.once('exit', () => guard.stdin!.end('\n'));
}

/** How much a process has read and written so far; null where the system does not tell. */
export function activityOf(pid: number | undefined): string | null {
  try {
    return readFileSync(`/proc/${pid}/io`, 'utf8');
  } catch {
    return null;
  }
}
