import type { HostEvent, InvocationEvent } from './events.ts';

/** Hex digits of a request id, and of a trace id after it. */
const REQUEST_ID = 16;
const IDS = REQUEST_ID + 32;

/**
 * The newest events. There is one for each request, and an object that outlives so many requests costs more to collect
 * than the request's own work: so those of the usual kind lie in columns, which are made once, and become objects again
 * when someone reads them.
 */
export class EventRing {
  readonly #size: number;
  /** Those of other kinds; undefined where the columns have it. */
  readonly #others: (HostEvent | undefined)[] = [];
  readonly #texts: Texts[];
  readonly #numbers: Float64Array;
  readonly #ids: Uint8Array;
  #next = 0;
  #length = 0;

  constructor(size: number) {
    this.#size = size;
    this.#texts = [];
    this.#numbers = new Float64Array(size * NUMBERS);
    this.#ids = new Uint8Array(size * IDS);
  }

  add(event: HostEvent): void {
    const at = this.#next;
    this.#next = at + 1 === this.#size ? 0 : at + 1;
    if (this.#length < this.#size) this.#length++;
    if (event.type !== 'invocation') {
      this.#others[at] = event;
      return;
    }
    this.#others[at] = undefined;
    this.#write(at, event);
  }

  /** The newest `limit`, oldest first, of one function or of all. */
  newest(limit: number, name?: string): HostEvent[] {
    const found: HostEvent[] = [];
    for (let back = 1; back <= this.#length && found.length < limit; back++) {
      const at = (this.#next - back + this.#size) % this.#size;
      const of = this.#others[at]?.function ?? this.#texts[at]!.function;
      if (name === undefined || of === name) found.push(this.#others[at] ?? this.#read(at));
    }
    return found.toReversed();
  }

  #write(at: number, event: InvocationEvent): void {
    const texts = (this.#texts[at] ??= {
      function: '',
      alias: null,
      trigger: 'http',
      method: null,
      path: null,
      outcome: '',
      principal: undefined,
    });
    texts.function = event.function;
    texts.alias = event.alias;
    texts.trigger = event.trigger;
    texts.method = event.method;
    texts.path = event.path;
    texts.outcome = event.outcome;
    texts.principal = event.principal;
    const number = at * NUMBERS;
    this.#numbers[number] = event.time;
    this.#numbers[number + 1] = event.version;
    this.#numbers[number + 2] = event.status ?? NaN;
    this.#numbers[number + 3] = event.durationMs;
    this.#numbers[number + 4] = event.cold ? 1 : 0;
    const { requestId, traceId } = event;
    const id = at * IDS;
    for (let digit = 0; digit < REQUEST_ID; digit++) this.#ids[id + digit] = requestId.charCodeAt(digit);
    for (let digit = REQUEST_ID; digit < IDS; digit++) this.#ids[id + digit] = traceId.charCodeAt(digit - REQUEST_ID);
  }

  #read(at: number): InvocationEvent {
    const { function: name, alias, trigger, method, path, outcome, principal } = this.#texts[at]!;
    const [time, version, status, durationMs, cold] = this.#numbers.subarray(at * NUMBERS, (at + 1) * NUMBERS) as unknown as Numbers;
    const ids = String.fromCharCode(...this.#ids.subarray(at * IDS, (at + 1) * IDS));
    return {
      type: 'invocation',
      time,
      function: name,
      version,
      alias,
      trigger,
      method,
      path,
      status: Number.isNaN(status) ? null : status,
      outcome,
      durationMs,
      cold: cold === 1,
      requestId: ids.slice(0, REQUEST_ID),
      traceId: ids.slice(REQUEST_ID),
      ...(principal !== undefined && { principal }),
    };
  }
}

type Texts = { -readonly [Key in 'function' | 'alias' | 'trigger' | 'method' | 'path' | 'outcome']: InvocationEvent[Key] } & {
  principal: string | undefined;
};

type Numbers = readonly [time: number, version: number, status: number, durationMs: number, cold: number];
const NUMBERS = 5;
