import { errorOfFailure } from '../../../../bindings/service/failure.ts';
import { toldIn } from '../../told.ts';
import { thrown } from '../thrown.ts';
import { MessageWriter, messagesIn } from './messages.ts';
import { createPromise, createStub } from './proxies.ts';
import { objectOf, specialOf } from './specials.ts';
import { callAt, follow, markStub, originOf, RpcTarget, type Stub } from './targets.ts';
import { readValue, writeValue, type Special, type ValueHooks } from './values.ts';

/** What a call or a look is aimed at: an object that the other side has given, or the result of a call that is under way. */
export type Aim = readonly ['object', id: number] | readonly ['result', call: number];

type Message =
  | readonly ['call', id: number, aim: Aim, path: readonly string[], args: readonly unknown[]]
  | readonly ['get', id: number, aim: Aim, path: readonly string[]]
  | readonly ['result', id: number, value: unknown]
  | readonly ['error', id: number, text: string]
  /** The result of a call has come: nothing will be aimed at it any more. */
  | readonly ['drop', id: number]
  /** A stub is not needed any more. */
  | readonly ['release', id: number];

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What the side that is called is asked for. */
export interface RpcMain {
  run(args: readonly unknown[]): unknown;
  /** It has given its result, or thrown. */
  settled(error?: { readonly thrown: unknown }): void;
}

/** The object that a session begins with; its own call is the method that was asked for. */
const MAIN = 0;

/**
 * One call between two cells, and all that comes of it: callbacks, objects by reference, streams. Both sides have one,
 * joined by two streams of messages. The side that called ends it, when nothing of either is held by the other.
 */
export class RpcSession implements ValueHooks {
  readonly #writer = new MessageWriter();
  readonly #exports = new Map<number, unknown>();
  readonly #pending = new Map<number, Pending>();
  readonly #results = new Map<number, Promise<unknown>>();
  #imports = 0;
  #nextExport = 1;
  #nextCall = 1;
  #closed: unknown;
  /** The stubs that the message being read holds. */
  #arrived: Stub[] = [];
  /** Not there on the side that calls. */
  readonly #main: RpcMain | undefined;

  constructor(main?: RpcMain) {
    this.#main = main;
    if (main !== undefined) this.#exports.set(MAIN, (...args: unknown[]) => main.run(args));
  }

  /** What this side says. */
  get outgoing(): ReadableStream<Uint8Array> {
    return this.#writer.stream;
  }

  /** Takes what the other side says, until that ends. */
  async listen(incoming: ReadableStream<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of messagesIn(incoming)) this.#receive(bytes);
      this.close(new Error('The other side of this RPC call has ended.'));
    } catch (error) {
      this.close(toldIn(error) ?? error);
    }
  }

  callMain(args: readonly unknown[]): unknown {
    return this.call(() => ['object', MAIN], [], args);
  }

  /** Rejects where it cannot be aimed or sent. */
  call(aim: () => Aim, path: readonly string[], args: readonly unknown[]): unknown {
    return this.#ask((id) => ['call', id, aim(), path, args]);
  }

  get(aim: () => Aim, path: readonly string[]): unknown {
    return this.#ask((id) => ['get', id, aim(), path]);
  }

  /** Whether the result of a call has not come yet. */
  waits(call: number): boolean {
    return this.#pending.has(call);
  }

  get over(): boolean {
    return this.#closed !== undefined;
  }

  release(id: number): void {
    this.#imports--;
    this.#send(['release', id]);
    this.#endWhereIdle();
  }

  close(reason: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason ?? new Error('This RPC call has ended.');
    for (const { reject } of this.#pending.values()) reject(this.#closed);
    this.#pending.clear();
    this.#results.clear();
    // Nothing was asked for, nor will be.
    if (this.#main !== undefined && this.#exports.delete(MAIN)) this.#main.settled();
    for (const id of this.#exports.keys()) this.#unexport(id);
    this.#writer.close();
  }

  special(value: object): Special | undefined {
    const origin = originOf(value);
    if (origin?.session === this) return { kind: 'own', data: origin.id };
    if (typeof value === 'function' || value instanceof RpcTarget) {
      const id = this.#nextExport++;
      this.#exports.set(id, value);
      return { kind: 'stub', data: id };
    }
    return specialOf(value);
  }

  revive(special: Special): unknown {
    const { kind, data } = special;
    // Where a session begins is nothing that was ever given away.
    if (kind === 'own') return data === MAIN ? undefined : this.#exports.get(data as number);
    if (kind === 'stub') {
      const stub = createStub(this, data as number);
      markStub(stub, { session: this, id: data as number });
      this.#imports++;
      this.#arrived.push(stub);
      return stub;
    }
    // A stream disposes of its stub itself, when it ends.
    if (kind === 'readable' || kind === 'writable') this.#arrived = this.#arrived.filter((stub) => stub !== data);
    return objectOf(special);
  }

  #ask(messageOf: (id: number) => Message): unknown {
    const id = this.#nextCall++;
    const promise = new Promise<unknown>((resolve, reject) => {
      if (this.#closed !== undefined) throw this.#closed;
      this.#send(messageOf(id));
      this.#pending.set(id, { resolve, reject });
    });
    // What cannot be sent leaves nothing to wait for.
    if (!this.#pending.has(id)) this.#endWhereIdle();
    return createPromise(this, id, promise);
  }

  #receive(bytes: Uint8Array): void {
    this.#arrived = [];
    const message = readValue(bytes, this) as Message;
    const arrived = this.#arrived;
    switch (message[0]) {
      case 'call':
        return this.#answer(message, (target) => callAt(target, message[3], message[4]), arrived);
      case 'get':
        return this.#answer(message, async (target) => (await follow(target, message[3])).value, arrived);
      case 'result':
        return this.#settle(message[1], ({ resolve }) => resolve(disposable(message[2], arrived)));
      case 'error':
        return this.#settle(message[1], ({ reject }) => reject(errorOfFailure({ text: String(message[2]) })));
      case 'drop':
        return void this.#results.delete(message[1]);
      case 'release':
        this.#unexport(message[1]);
        return this.#endWhereIdle();
      default:
        throw new TypeError('There is no such message.');
    }
  }

  /** Stubs among the arguments live as long as the call, unless they are kept with `dup()`. */
  #answer(
    [, id, aim]: Message & readonly [unknown, number, Aim, ...unknown[]],
    run: (target: unknown) => Promise<unknown>,
    args: readonly Stub[],
  ): void {
    const settled = isMain(aim) && this.#exports.has(MAIN) ? this.#main?.settled.bind(this.#main) : undefined;
    const result = new Promise<unknown>((resolve) => resolve(run(this.#aimed(aim))));
    this.#results.set(id, result);
    void result
      .then((value) => {
        this.#send(['result', id, value]);
        settled?.();
      })
      .catch((error: unknown) => {
        this.#send(['error', id, thrown(error).message]);
        settled?.({ thrown: error });
      })
      .finally(() => args.forEach(dispose));
  }

  #aimed(aim: Aim): unknown {
    const known = aim[0] === 'result' ? this.#results : this.#exports;
    if (!known.has(aim[1])) throw new TypeError('This RPC stub has been disposed of.');
    const found = known.get(aim[1]);
    // Each call is an invocation: there is one.
    if (isMain(aim)) this.#exports.delete(MAIN);
    return found;
  }

  #settle(id: number, settle: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    settle(pending);
    this.#send(['drop', id]);
    this.#endWhereIdle();
  }

  #unexport(id: number): void {
    const target = this.#exports.get(id);
    this.#exports.delete(id);
    if (target instanceof RpcTarget && Symbol.dispose in target) {
      try {
        (target as unknown as Disposable)[Symbol.dispose]();
      } catch {
        // Nobody waits for it.
      }
    }
  }

  #send(message: Message): void {
    if (this.#closed !== undefined) return;
    const first = this.#nextExport;
    try {
      this.#writer.send(writeValue(message, this));
    } catch (error) {
      for (let id = first; id < this.#nextExport; id++) this.#exports.delete(id);
      throw error;
    }
  }

  #endWhereIdle(): void {
    if (this.#main === undefined && this.#pending.size === 0 && this.#exports.size === 0 && this.#imports === 0) this.close(undefined);
  }
}

function isMain(aim: Aim): boolean {
  return aim[0] === 'object' && aim[1] === MAIN;
}

/** A result disposes of all stubs in it. */
function disposable(value: unknown, stubs: readonly Stub[]): unknown {
  if (typeof value === 'object' && value !== null && stubs.length > 0 && Object.isExtensible(value)) {
    const dispose_ = () => stubs.forEach(dispose);
    Object.defineProperty(value, Symbol.dispose, { value: dispose_, configurable: true, writable: true });
  }
  return value;
}

function dispose(stub: Stub): void {
  (stub as unknown as Disposable)[Symbol.dispose]();
}
