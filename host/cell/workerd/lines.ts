import { waitUntil } from 'cloudflare:workers';
import type { ConsoleLevel } from '../../observe/events.ts';
import { Running } from '../invocation.ts';
import type { LogBudget } from '../log-budget.ts';
import type { CellLine, LogBinding, ServiceStub } from './protocol.ts';
import { thrownOf } from './thrown.ts';

/** An invocation, and the lines of it that have not left the cell. */
export class CellRunning extends Running {
  readonly context: CellContext;
  readonly unsent: CellLine[] = [];
  /** What its function's service bindings go to. */
  services: Readonly<Record<string, ServiceStub>> | undefined;
  sending = false;

  constructor(traceparent: string, context: CellContext) {
    super(traceparent);
    this.context = context;
  }
}

export interface CellContext {
  waitUntil(promise: Promise<unknown>): void;
}

export interface CellStorage {
  getStore(): CellRunning | undefined;
}

/** How long lines are gathered before they leave, in ms. */
const GATHER = 20;
/** Lines outside of any invocation that are kept for the next one to take along. */
const MAX_LOOSE = 1_000;

const { setTimeout: later } = globalThis;
const { now } = Date;

/** The lines that a cell writes, sent in batches, each by the invocation that wrote it: no invocation may use another's. */
export class Lines {
  readonly #storage: CellStorage;
  readonly #budget: LogBudget;
  readonly #loose: CellLine[] = [];
  #binding: LogBinding | undefined;
  #sendingLoose = false;

  constructor(storage: CellStorage, budget: LogBudget) {
    this.#storage = storage;
    this.#budget = budget;
  }

  set binding(binding: LogBinding | undefined) {
    this.#binding = binding;
  }

  write = (level: ConsoleLevel, message: string, requestId: string | null): void => {
    this.#add({ time: now(), level, message, requestId });
  };

  exception(error: unknown): void {
    const running = this.#storage.getStore();
    if (!this.#budget.admits(running)) return;
    const requestId = running?.requestId ?? null;
    this.#add({ time: now(), level: 'exception', ...thrownOf(error), requestId });
  }

  /** Lets an invocation that begins send what was written outside of any, at the top level say. */
  takeLoose(context: CellContext): void {
    if (this.#loose.length > 0) context.waitUntil(this.#send(this.#loose.splice(0)));
  }

  #add(line: CellLine): void {
    const running = this.#storage.getStore();
    if (running === undefined) return this.#addLoose(line);
    running.unsent.push(line);
    if (running.sending) return undefined;
    running.sending = true;
    return running.context.waitUntil(this.#sendSoon(running));
  }

  /** The events of a WebSocket, for one, belong to an invocation that AsyncLocalStorage does not know any more. */
  #addLoose(line: CellLine): void {
    if (this.#loose.length < MAX_LOOSE) this.#loose.push(line);
    if (this.#sendingLoose || !hasContext()) return;
    waitUntil(this.#sendLooseSoon());
  }

  async #sendSoon(running: CellRunning): Promise<void> {
    await gathered();
    running.sending = false;
    await this.#send(running.unsent.splice(0));
  }

  async #sendLooseSoon(): Promise<void> {
    this.#sendingLoose = true;
    try {
      await gathered();
    } finally {
      this.#sendingLoose = false;
    }
    await this.#send(this.#loose.splice(0));
  }

  async #send(lines: readonly CellLine[]): Promise<void> {
    try {
      await this.#binding?.write(lines);
    } catch {
      // A line that cannot be delivered must not fail the function that wrote it.
    }
  }
}

/** Top-level code has no invocation at all: the first one takes its lines along. */
function hasContext(): boolean {
  try {
    waitUntil(Promise.resolve());
    return true;
  } catch {
    return false;
  }
}

function gathered(): Promise<void> {
  return new Promise((resolve) => later(resolve, GATHER));
}
