import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { FrameReader, writeFrame, type Frame } from './frame.ts';

export interface ChildOptions {
  /** Where SQLite puts what a query needs for its time alone. */
  readonly temporary: string;
  /** Bytes that one database may have. */
  readonly maxSize: number;
  /** Bytes of memory that a process may use. */
  readonly maxMemory: number;
}

/** A process that runs queries on databases, one at a time. */
export class DatabaseProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #waiting: PromiseWithResolvers<Frame> | undefined;

  constructor({ temporary, maxSize, maxMemory }: ChildOptions) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const main = fileURLToPath(new URL(`./process.${extension}`, import.meta.url));
    this.#child = spawn(process.execPath, ['--max-old-space-size=512', main, String(maxSize), String(maxMemory)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { SQLITE_TMPDIR: temporary },
      windowsHide: true,
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', () => resolve());
      this.#child.once('error', () => resolve());
    });
    // A pipe to a process that has ended: its end is noticed by itself.
    this.#child.stdin!.on('error', () => {});
    const reader = new FrameReader();
    this.#child.stdout!.on('data', (bytes: Buffer) => {
      const frame = reader.push(bytes);
      if (frame === undefined) return;
      this.#waiting?.resolve(frame);
      this.#waiting = undefined;
    });
    void this.#ended.then(() => this.#waiting?.reject(new Error('the process of the database has ended')));
  }

  /** Resolves when the process is no more. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** To be called when the one before has settled. Rejects where the process ends first. */
  run(frame: Frame): Promise<Frame> {
    this.#waiting = Promise.withResolvers();
    writeFrame(this.#child.stdin!, frame);
    return this.#waiting.promise;
  }

  /** Ends it in the middle of whatever it does; what it has not committed is undone by whoever opens the database next. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Lets it close its databases. */
  async stop(): Promise<void> {
    this.#child.stdin!.end();
    const timer = setTimeout(() => this.kill(), 2_000);
    await this.#ended;
    clearTimeout(timer);
  }
}
