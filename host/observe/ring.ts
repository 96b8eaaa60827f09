import type { HostEvent, InvocationEvent } from './events.ts';

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
  #next = 0;
  #length = 0;

  constructor(size: number) {
    this.#size = size;
    this.#texts = [];
    this.#numbers = new Float64Array(size * NUMBERS);
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
      requestId: '',
      traceId: '',
      principal: undefined,
    });
    texts.function = event.function;
    texts.alias = event.alias;
    texts.trigger = event.trigger;
    texts.method = event.method;
    texts.path = event.path;
    texts.outcome = event.outcome;
    texts.requestId = event.requestId;
    texts.traceId = event.traceId;
    texts.principal = event.principal;
    const number = at * NUMBERS;
    this.#numbers[number] = event.time;
    this.#numbers[number + 1] = event.version;
    this.#numbers[number + 2] = event.status ?? NaN;
    this.#numbers[number + 3] = event.durationMs;
    this.#numbers[number + 4] = event.cold ? 1 : 0;
  }

  #read(at: number): InvocationEvent {
    const { function: name, alias, trigger, method, path, outcome, requestId, traceId, principal } = this.#texts[at]!;
    const [time, version, status, durationMs, cold] = this.#numbers.subarray(at * NUMBERS, (at + 1) * NUMBERS) as unknown as Numbers;
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
      requestId,
      traceId,
      ...(principal !== undefined && { principal }),
    };
  }
}

type Texts = {
  -readonly [Key in 'function' | 'alias' | 'trigger' | 'method' | 'path' | 'outcome' | 'requestId' | 'traceId']: InvocationEvent[Key];
} & {
  principal: string | undefined;
};

type Numbers = readonly [time: number, version: number, status: number, durationMs: number, cold: number];
const NUMBERS = 5;
