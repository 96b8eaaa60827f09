import { DurableObject, exports } from 'cloudflare:workers';
import type { BindingScope, BindingsState, Methods, WireAnswer } from '../../bindings/binding.ts';
import { answer, manageBinding, openBinding, runDue, type Asked } from '../../bindings/kinds.ts';
import { Leases } from '../../bindings/locks/leases.ts';
import { quotasOf, type QuotaSettings } from '../../bindings/quotas.ts';
import { RateCounters } from '../../bindings/ratelimit/counters.ts';
import { admitIn, Rates } from '../../bindings/rates.ts';
import { createWakingQueue, type QueuesState } from '../../bindings/queues/state.ts';
import { workFailed } from '../../bindings/work.ts';
import { unframed } from '../../cell/workerd/framed.ts';
import type { RemoteAnswer } from '../../cell/workerd/protocol.ts';
import type { HostEvent } from '../../observe/events.ts';
import { isTelling, type ChangeRule } from '../../registry/change-rules.ts';
import { createMemoryLog, KEPT, type EventFilter } from '../../observe/log.ts';
import type { Blobs } from '../../stores/blobs.ts';
import type { TellingStore } from '../../stores/changes.ts';
import { createSqlQueue } from '../../stores/queue-sql.ts';
import type { Queue } from '../../stores/queue.ts';
import { createSqlBlobs, createSqlStore, type Sql, type SqlValue } from '../../stores/sql.ts';
import type { Entry, ListOptions, ListResult, PutOptions, Store } from '../../stores/store.ts';
import { collect } from './collect.ts';
import type { BindingProps } from './entrypoints.ts';
import { changeRulesBy, functionCallsBy, type FunctionCallsStub } from './function-calls.ts';
import { Life } from './life.ts';
import { objectChanges, wakesIn } from './object-changes.ts';
import { ObjectWork } from './object-work.ts';
import { createRemoteQueue, createRoutedQueue, usedOf, type QueueStub, type Used } from './remote-queue.ts';

/** A blob on its way: its size says whether all of it has come. Messages between Workers hold 32 MiB at most, streams any. */
export interface BlobStream {
  readonly size: number;
  readonly stream: ReadableStream<Uint8Array>;
}

/** The object's methods, as the host Worker's stub has them. */
export interface StateStub extends QueueStub {
  get(key: string): Promise<Entry | null>;
  put(key: string, value: Uint8Array, options: PutOptions | undefined): Promise<number | null>;
  remove(key: string, options: { ifRevision?: number } | undefined): Promise<boolean>;
  list(options: ListOptions): Promise<ListResult>;
  getBlob(key: string): Promise<BlobStream | null>;
  putBlob(key: string, blob: BlobStream): Promise<void>;
  removeBlob(key: string): Promise<boolean>;
  listBlobs(prefix: string): Promise<readonly string[]>;
  /** `events` is JSON, an array of `count`: faster than a copy of so many objects. */
  write(events: string, count: number): Promise<void>;
  recent(filter: EventFilter): Promise<readonly HostEvent[]>;
  fetch(input: string): Promise<Response>;
  /** Has the object look at its queue at this time. */
  wakeQueue(queue: string, time: number): Promise<void>;
  /** A call of a cell, as it came. */
  callBinding(binding: BindingProps, call: Asked, rules?: readonly ChangeRule[]): Promise<RemoteAnswer>;
  /** One of the host itself. */
  manageBinding(binding: BindingScope, call: Asked): Promise<WireAnswer>;
}

interface Batch {
  readonly events: string;
  readonly count: number;
}

/**
 * The host's state: one Durable Object with SQLite, and in its memory the log that all of the host's isolates write. What
 * functions keep in their bindings has objects of its own, of the same class: one for each kind and scope.
 */
export class BrinkState extends DurableObject {
  #opened: { readonly store: Store; readonly blobs: Blobs } | undefined;
  readonly #log = createMemoryLog();
  readonly #sql: Sql;
  /** What its bindings keep. */
  readonly #bindingStore: TellingStore;
  /** Who is told of changes, as the last call had it. */
  #rules: readonly ChangeRule[] = [];
  #bindingsState: BindingsState | undefined;
  readonly #settings: QuotaSettings;
  readonly #rates = new Rates(Date.now);
  #queuesState: QueuesState | undefined;
  #binding: Methods | undefined;
  readonly #work: ObjectWork;
  /** Batches that nobody has asked for; most never are, so they stay text. */
  #unread: Batch[] = [];
  #unreadCount = 0;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    this.#settings = env as QuotaSettings;
    this.#sql = sqlOf(ctx.storage);
    this.#bindingStore = storeWhenUsed(() => createSqlStore(this.#sql, Date.now, 'binding'));
    this.#work = new ObjectWork({
      alarms: ctx.storage,
      store: wakesIn(ctx.storage, this.#bindingStore),
      now: Date.now,
      run: async (binding) => {
        if (isTelling(binding)) this.#rules = await changeRulesBy(functionCalls, binding);
        return runDue(binding, this.#bindingsOf(binding));
      },
      failed: (binding, error) => functionCalls().notice(workFailed(binding, error, Date.now())),
      keep: (work) => ctx.waitUntil(work),
    });
  }

  get(key: string): Promise<Entry | null> {
    return this.#stores.store.get(key);
  }

  put(key: string, value: Uint8Array, options: PutOptions | undefined): Promise<number | null> {
    return this.#stores.store.put(key, value, options);
  }

  remove(key: string, options: { ifRevision?: number } | undefined): Promise<boolean> {
    return this.#stores.store.delete(key, options);
  }

  list(options: ListOptions): Promise<ListResult> {
    return this.#stores.store.list(options);
  }

  async getBlob(key: string): Promise<BlobStream | null> {
    const bytes = await this.#stores.blobs.get(key);
    return bytes && { size: bytes.byteLength, stream: new Blob([bytes]).stream() };
  }

  /** Writes all of it in one transaction, once it is here; what breaks off on its way leaves nothing. */
  async putBlob(key: string, { size, stream }: BlobStream): Promise<void> {
    await this.#stores.blobs.put(key, await collect(stream, size));
  }

  removeBlob(key: string): Promise<boolean> {
    return this.#stores.blobs.delete(key);
  }

  listBlobs(prefix: string): Promise<readonly string[]> {
    return this.#stores.blobs.list(prefix);
  }

  write(events: string, count: number): void {
    this.#unread.push({ events, count });
    this.#unreadCount += count;
    // The log would have dropped these by now.
    while (this.#unreadCount - this.#unread[0]!.count >= KEPT) this.#unreadCount -= this.#unread.shift()!.count;
    if (this.#log.followed()) this.#readBatches();
  }

  recent(filter: EventFilter): Promise<readonly HostEvent[]> {
    this.#readBatches();
    return this.#log.recent(filter);
  }

  /** The log as it grows: the body of a response, because calls take streams of bytes only. */
  override async fetch(request: Request): Promise<Response> {
    this.#readBatches();
    const { searchParams } = new URL(request.url);
    const name = searchParams.get('function');
    const limit = searchParams.get('limit');
    return new Response(
      await this.#log.follow({ ...(name !== null && { function: name }), ...(limit !== null && { limit: Number(limit) }) }),
    );
  }

  async callBinding(binding: BindingProps, call: Asked, rules: readonly ChangeRule[] = []): Promise<RemoteAnswer> {
    this.#rules = rules;
    const { method, args, body } = call;
    const asked = { method, args, body: body instanceof ReadableStream ? unframed(body) : body };
    const methods = (this.#binding ??= openBinding(binding, this.#bindingsOf(binding)));
    const admit = () => admitIn(this.#rates, binding, this.#bindingsOf(binding).quotas);
    const { ended, ...answered } = await answer(methods, asked, admit);
    return ended === undefined ? answered : { ...answered, life: new Life(ended) };
  }

  get #stores(): { readonly store: Store; readonly blobs: Blobs } {
    return (this.#opened ??= { store: createSqlStore(this.#sql, Date.now), blobs: createSqlBlobs(this.#sql) });
  }

  useQueue<Method extends keyof Queue>(method: Method, args: Parameters<Queue[Method]>): Promise<Used<Method>> {
    const { queue } = this.#queues(args[0]);
    return usedOf((queue[method] as (...args: Parameters<Queue[Method]>) => ReturnType<Queue[Method]>)(...args));
  }

  async wakeQueue(queue: string, time: number): Promise<void> {
    await this.#work.wake({ kind: 'queues', scope: queue }, time);
  }

  /** Of the one queue that is kept here. */
  #queues(own: string): QueuesState {
    if (this.#queuesState !== undefined) return this.#queuesState;
    const pumps: QueuesState['pumps'] = new Map();
    const wake = (name: string) => this.#work.wake({ kind: 'queues', scope: name }, Date.now());
    const here = createWakingQueue(createSqlQueue(this.#sql, Date.now), pumps, wake);
    const there = this.#remoteQueue();
    const emit = (event: HostEvent) => void functionCalls().notice(event);
    return (this.#queuesState = { queue: createRoutedQueue(own, here, there), pumps, emit, stopping: null });
  }

  #remoteQueue(): Queue {
    const { STATE } = this.env as { STATE: DurableObjectNamespace<StateStub> };
    return createRemoteQueue((name) => STATE.getByName(`queues/${name}`));
  }

  #bindingsOf(binding: BindingScope): BindingsState {
    if (this.#bindingsState !== undefined) return this.#bindingsState;
    const { kind, scope } = binding;
    const store = this.#bindingStore;
    const quotas = quotasOf(this.#settings);
    const { changes, databases } = objectChanges(binding, {
      storage: this.ctx.storage,
      store,
      queue: this.#remoteQueue(),
      quota: quotas.queue,
      maxSize: quotas.database.bytes,
      rules: () => this.#rules,
      wake: (own, time) => this.#work.wake(own, time),
      keep: (work) => this.ctx.waitUntil(work),
    });
    return (this.#bindingsState = {
      store,
      now: Date.now,
      leases: new Leases({ store, now: Date.now, alone: true }),
      quotas,
      databases,
      ...(kind === 'kv' && { changes }),
      rates: new RateCounters(Date.now),
      functions: functionCallsBy(functionCalls),
      ...(kind === 'queues' && { queues: this.#queues(scope) }),
      wake: (binding, time) => this.#work.wake(binding, time),
      soon: (binding) => this.#work.soon(binding),
      // Without it the object is put away while it waits for a run.
      keep: (work) => this.ctx.waitUntil(work),
    });
  }

  manageBinding(binding: BindingScope, call: Asked): Promise<WireAnswer> {
    return manageBinding(binding, this.#bindingsOf(binding), call);
  }

  override alarm(): Promise<void> {
    return this.#work.alarm();
  }

  #readBatches(): void {
    const batches = this.#unread;
    this.#unread = [];
    this.#unreadCount = 0;
    for (const { events } of batches) for (const event of JSON.parse(events) as HostEvent[]) this.#log.emit(event);
  }
}

function functionCalls(): FunctionCallsStub {
  return exports['FunctionCallsEntrypoint']!({ props: {} }) as FunctionCallsStub;
}

/** Made with its first call: an object whose SQLite is a function's own database has no tables of ours in it. */
function storeWhenUsed(create: () => TellingStore): TellingStore {
  let made: TellingStore | undefined;
  const store = () => (made ??= create());
  return {
    get: (key) => store().get(key),
    put: (key, value, options) => store().put(key, value, options),
    delete: (key, options) => store().delete(key, options),
    list: (options) => store().list(options),
    outbox: {
      queues: () => store().outbox.queues(),
      first: (queue, limit) => store().outbox.first(queue, limit),
      remove: (posted, queue) => store().outbox.remove(posted, queue),
      expire: (prefix, note) => store().outbox.expire(prefix, note),
    },
  };
}

function sqlOf(storage: DurableObjectState['storage']): Sql {
  const query = (text: string, params: SqlValue[]) =>
    storage.sql.exec(text, ...params).toArray() as Record<string, SqlValue | ArrayBuffer>[];
  return {
    all: (text, ...params) => query(text, params).map(withBytes),
    run: (text, ...params) => void query(text, params),
    transaction: (body) => storage.transactionSync(body),
  };
}

function withBytes(row: Record<string, SqlValue | ArrayBuffer>): Record<string, SqlValue> {
  for (const [column, value] of Object.entries(row)) if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
  return row as Record<string, SqlValue>;
}
