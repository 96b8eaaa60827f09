import { BindingError } from '../../../bindings/binding-error.ts';
import { DatabaseProcess, type ChildOptions } from './child.ts';
import type { Asked, Frame } from './frame.ts';

export interface PoolOptions extends ChildOptions {
  /** Milliseconds that one call may take; it may wait twice as long for its turn. */
  readonly deadline: number;
  /** The same where every process is at work and the call of another database waits for one. */
  readonly patience: number;
  readonly maxProcesses: number;
}

interface Job {
  readonly path: string;
  readonly asked: Asked;
  readonly request: Uint8Array;
  readonly since: number;
  resolve(answer: Frame): void;
  reject(error: unknown): void;
}

interface Running {
  readonly since: number;
  end(): void;
}

/** Calls of one database that may wait; Cloudflare refuses more, too. */
const MAX_WAITING = 1_000;
/** Milliseconds without work after which a process ends. */
const IDLE = 60_000;

/**
 * Runs each call in a process that does nothing else meanwhile. SQLite has no way to end a query that Node would give to
 * JavaScript, neither within its thread nor from another: a call that takes too long is ended with its process, and no
 * other call is hurt. The calls of one database take turns, as they do on Cloudflare.
 */
export class ProcessPool {
  readonly #options: PoolOptions;
  /** In the order of their coming. */
  readonly #waiting: Job[] = [];
  readonly #waitingOf = new Map<string, number>();
  readonly #busy = new Set<string>();
  /** Processes without work, each with the database that it used last, and the timer of its end. */
  readonly #idle = new Map<DatabaseProcess, { readonly path: string; readonly timer: NodeJS.Timeout }>();
  readonly #all = new Set<DatabaseProcess>();
  /** What runs, the oldest first. */
  readonly #running = new Map<DatabaseProcess, Running>();
  #room: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** @throws {BindingError} */
  run(asked: Asked, request: Uint8Array): Promise<Frame> {
    const { path } = asked;
    const count = this.#waitingOf.get(path) ?? 0;
    if (count >= MAX_WAITING) throw new BindingError('D1 DB is overloaded. Too many requests queued.');
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    this.#waitingOf.set(path, count + 1);
    this.#waiting.push({ path, asked, request, since: Date.now(), resolve, reject });
    this.#next();
    return promise;
  }

  /** To be called when nobody waits for an answer any more: what runs is ended, and what waits is refused. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const job of this.#waiting.splice(0)) job.reject(new BindingError('The host is stopping.', { code: 'unavailable' }));
    for (const { timer } of this.#idle.values()) clearTimeout(timer);
    clearTimeout(this.#room);
    for (const { end } of this.#running.values()) end();
    await Promise.all([...this.#all].map((each) => each.stop()));
  }

  #next(): void {
    for (;;) {
      const index = this.#waiting.findIndex(({ path }) => !this.#busy.has(path));
      if (index < 0) return;
      const free = this.#free(this.#waiting[index]!.path);
      if (free === undefined) return this.#makeRoom();
      const [job] = this.#waiting.splice(index, 1) as [Job];
      this.#left(job.path);
      void this.#work(free, job);
    }
  }

  /** Ends the call that has run longest, when it has had its time and another one still waits for its process. */
  #makeRoom(): void {
    const [oldest] = this.#running.values();
    if (oldest === undefined || this.#room !== undefined) return;
    this.#room = setTimeout(
      () => {
        this.#room = undefined;
        const needed = this.#idle.size === 0 && this.#waiting.some(({ path }) => !this.#busy.has(path));
        if (needed && Date.now() - oldest.since >= this.#options.patience) oldest.end();
        this.#next();
      },
      Math.max(0, oldest.since + this.#options.patience - Date.now()) + 1,
    );
  }

  #free(path: string): DatabaseProcess | undefined {
    const idle = [...this.#idle];
    // The one that has the database open, else any.
    const [found, { timer }] = idle.find(([, last]) => last.path === path) ?? idle[0] ?? [undefined, { timer: undefined }];
    clearTimeout(timer);
    if (found !== undefined) {
      this.#idle.delete(found);
      return found;
    }
    if (this.#all.size >= this.#options.maxProcesses || this.#stopping) return undefined;
    const made = new DatabaseProcess(this.#options);
    this.#all.add(made);
    void made.ended.then(() => this.#gone(made));
    return made;
  }

  async #work(free: DatabaseProcess, { path, asked, request, since, resolve, reject }: Job): Promise<void> {
    const { deadline } = this.#options;
    this.#busy.add(path);
    let late = false;
    const end = () => {
      late = true;
      free.kill();
    };
    const timer = setTimeout(end, deadline);
    this.#running.set(free, { since: Date.now(), end });
    try {
      if (Date.now() - since > 2 * deadline) throw new BindingError('D1 DB is overloaded. Requests queued for too long.');
      const { head, body } = await free.run({ head: JSON.stringify(asked), body: request }).catch(() => {
        throw new BindingError(late ? TOO_LONG : LOST);
      });
      if (head === 'ok' || head === 'told') resolve({ head, body });
      else if (head === 'failed') throw new BindingError(text.decode(body));
      else throw new BindingError('The database cannot be reached now.', { code: 'unavailable' });
    } catch (error) {
      reject(error);
    }
    clearTimeout(timer);
    this.#running.delete(free);
    // Its locks go with it, and then the next process can open the file.
    if (late) await free.ended;
    this.#busy.delete(path);
    if (!late && this.#all.has(free)) this.#rest(free, path);
    this.#next();
  }

  #rest(free: DatabaseProcess, path: string): void {
    if (this.#stopping) return;
    const timer = setTimeout(() => {
      this.#idle.delete(free);
      void free.stop();
    }, IDLE);
    timer.unref();
    this.#idle.set(free, { path, timer });
  }

  #gone(ended: DatabaseProcess): void {
    this.#all.delete(ended);
    clearTimeout(this.#idle.get(ended)?.timer);
    this.#idle.delete(ended);
    this.#next();
  }

  #left(path: string): void {
    const count = this.#waitingOf.get(path)! - 1;
    if (count === 0) this.#waitingOf.delete(path);
    else this.#waitingOf.set(path, count);
  }
}

const TOO_LONG = 'D1 DB storage operation exceeded timeout which caused object to be reset.';
const LOST = 'The query was ended: it needed too much memory, or its process has died. Nothing is known of whether it was done.';
const text = new TextDecoder();
