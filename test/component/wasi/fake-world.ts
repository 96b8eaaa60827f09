import type {
  Chunk,
  ComponentInvocation,
  HostCall,
  HostFunction,
  HostInterface,
  Pending,
  Source,
  World,
} from '../../../host/component/host.ts';
import { NO_SETTINGS, type Factory, type HostSettings } from '../../../host/component/wasi/settings.ts';

export interface FakeWorld extends World {
  invocation: ComponentInvocation;
  /** As `level text`. */
  readonly logged: string[];
}

export function fakeWorld(invocation: Partial<ComponentInvocation> = {}): FakeWorld {
  const logged: string[] = [];
  return {
    logged,
    invocation: {
      env: {},
      signal: new AbortController().signal,
      log: (level, text) => logged.push(`${level} ${text}`),
      fetch: () => Promise.reject(new TypeError('no network')),
      waitUntil: () => undefined,
      ...invocation,
    },
  };
}

/** As it is while a component is instantiated. */
export const NO_INVOCATION: World = {
  get invocation(): never {
    throw new Error('No request is served.');
  },
};

/** Functions of an interface, called as a guest's call would. */
export type Functions = Record<string, (...args: unknown[]) => unknown>;

export function functionsOf(
  factory: Factory,
  { world = fakeWorld() as World, settings = {} as Partial<HostSettings>, signal = new AbortController().signal } = {},
): Functions & { idle(): void; reset(): void } {
  const idle: (() => void)[] = [];
  const reset: (() => void)[] = [];
  const made = factory(world, { ...NO_SETTINGS, ...settings }, { onIdle: (step) => idle.push(step), onReset: (step) => reset.push(step) });
  return { ...bound(made, { signal }), idle: () => idle.forEach((step) => step()), reset: () => reset.forEach((step) => step()) };
}

function bound(made: HostInterface, call: HostCall): Functions {
  return Object.fromEntries(
    Object.entries(made).map(([name, fn]: [string, HostFunction]) => [name, (...args: unknown[]) => fn.apply(call, args)]),
  );
}

/** What a guest writes, chunk by chunk, when it is read. */
export class FakeStream implements Source {
  readonly #chunks: (Chunk | null)[];
  #want: ((chunk: Chunk | null) => void) | null = null;
  cancelled = false;
  reads = 0;

  constructor(...chunks: (Chunk | string | null)[]) {
    this.#chunks = chunks.map((chunk) => (typeof chunk === 'string' ? bytes(chunk) : chunk));
  }

  /** The guest writes, or with null closes its end. */
  write(chunk: Chunk | string | null): void {
    const written = typeof chunk === 'string' ? bytes(chunk) : chunk;
    const want = this.#want;
    this.#want = null;
    if (want !== null) want(written);
    else this.#chunks.push(written);
  }

  read(done: (chunk: Chunk | null) => void): void {
    this.reads += 1;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) done(chunk);
    else this.#want = done;
  }

  cancel(): void {
    this.cancelled = true;
    this.#want = null;
  }
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The value of a future that is there. */
export function valueOf(pending: unknown): unknown {
  let value: unknown = 'pending';
  (pending as Pending).read((got) => {
    value = got;
  });
  return value;
}

/** All that a stream gives at once; bytes as text. */
export function textOf(source: unknown): string {
  let text = '';
  let ended = false;
  const next = () =>
    (source as Source).read((chunk) => {
      if (chunk === null) ended = true;
      else text += new TextDecoder().decode(chunk as Uint8Array);
    });
  for (let length = -1; !ended && length < text.length;) {
    length = text.length;
    next();
  }
  return text;
}
