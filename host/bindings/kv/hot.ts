/** Bytes that values read with `cacheTtl` take in one cell, over all of its namespaces. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Those of a value that is kept; larger ones are read anew each time. */
const MAX_VALUE = 1024 * 1024;
/** What an entry takes besides its value and its key, about. */
const OVERHEAD = 200;

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });
const REPLACED = '\uFFFD';

/** A read that is under way. */
export interface Read {
  readonly key: string;
  /** When it began, and the how-manieth it is: what it finds is no older than that. */
  readonly at: number;
  readonly turn: number;
  /** Whether nothing was written to its key meanwhile, as far as this cell knows. */
  valid: boolean;
}

/** What a read has found; no bytes where there is no value. */
export interface Hot {
  readonly bytes: Uint8Array | null;
  readonly metadata: unknown;
  /** In seconds since the epoch. */
  readonly expiration?: number | undefined;
}

/** The memory that the namespaces of a cell share. What was not asked for since the last clearance goes first. */
export class HotMemory {
  readonly now: () => number;
  readonly #limit: number;
  readonly #entries = new Set<HotEntry>();
  #bytes = 0;

  constructor(now: () => number = Date.now, limit = MAX_BYTES) {
    this.now = now;
    this.#limit = limit;
  }

  add(entry: HotEntry): void {
    this.#entries.add(entry);
    this.#bytes += entry.size;
    if (this.#bytes > this.#limit) this.#clear();
  }

  remove(entry: HotEntry): void {
    if (this.#entries.delete(entry)) this.#bytes -= entry.size;
  }

  #clear(): void {
    for (const entry of this.#entries) {
      if (this.#bytes <= this.#limit) return;
      // Once more round for what was used; to move it at each use would cost more than most uses do.
      if (entry.used) {
        entry.used = false;
        this.#entries.delete(entry);
        this.#entries.add(entry);
      } else entry.remove();
    }
  }
}

/**
 * Values of one namespace in the memory of a cell, for reads that bear with what is some seconds old. A write that goes
 * through the same binding takes its key out: what was read before the write, or beside it, is not kept.
 */
export class HotTier {
  readonly #memory: HotMemory;
  readonly #entries = new Map<string, HotEntry>();
  readonly #reads = new Map<string, Set<Read>>();
  #turns = 0;

  constructor(memory: HotMemory) {
    this.#memory = memory;
  }

  /** What was read at most `ttl` seconds ago, and has not expired. */
  find(key: string, ttl: number): HotEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#memory.now();
    // A clock that was put back says nothing of an age.
    if (now < entry.at || now >= entry.expires || now - entry.at > ttl * 1000) return undefined;
    entry.used = true;
    return entry;
  }

  /** Whether a read of this key would bring something up to date. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  begin(key: string): Read {
    const read: Read = { key, at: this.#memory.now(), turn: this.#turns++, valid: true };
    const reads = this.#reads.get(key);
    if (reads === undefined) this.#reads.set(key, new Set([read]));
    else reads.add(read);
    return read;
  }

  /** Ends a read; what it found is kept where it is the newest that is known. */
  end(read: Read, found: Hot | undefined): void {
    const reads = this.#reads.get(read.key);
    reads?.delete(read);
    if (reads?.size === 0) this.#reads.delete(read.key);
    const old = this.#entries.get(read.key);
    if (found === undefined || !read.valid || (old !== undefined && old.turn > read.turn)) return;
    old?.remove();
    if (found.bytes !== null && found.bytes.byteLength > MAX_VALUE) return;
    const entry = new HotEntry(read, found, () => {
      this.#entries.delete(read.key);
      this.#memory.remove(entry);
    });
    this.#entries.set(read.key, entry);
    this.#memory.add(entry);
  }

  /** To be said when a write begins, and when it is over: reads in between may find either value. */
  forget(key: string): void {
    this.#entries.get(key)?.remove();
    for (const read of this.#reads.get(key) ?? []) read.valid = false;
  }
}

export class HotEntry {
  readonly at: number;
  readonly turn: number;
  readonly expires: number;
  readonly size: number;
  readonly remove: () => void;
  used = false;
  /** Text where that says all that the bytes do. */
  #value: string | Uint8Array | null;
  readonly #metadata: string | null;

  constructor({ key, at, turn }: Read, { bytes, metadata, expiration }: Hot, remove: () => void) {
    this.at = at;
    this.turn = turn;
    this.expires = expiration === undefined ? Infinity : expiration * 1000;
    this.#value = bytes && owned(bytes);
    this.#metadata = metadata === null || metadata === undefined ? null : JSON.stringify(metadata);
    // A character may take two bytes.
    this.size = 2 * ((bytes?.byteLength ?? 0) + key.length + (this.#metadata?.length ?? 0)) + OVERHEAD;
    this.remove = remove;
  }

  get exists(): boolean {
    return this.#value !== null;
  }

  text(): string {
    if (typeof this.#value === 'string') return this.#value;
    const decoded = text.decode(this.#value!);
    if (!decoded.includes(REPLACED)) this.#value = decoded;
    return decoded;
  }

  /** A copy. */
  bytes(): Uint8Array<ArrayBuffer> {
    return typeof this.#value === 'string' ? utf8.encode(this.#value) : this.#value!.slice();
  }

  metadata(): unknown {
    return this.#metadata === null ? null : JSON.parse(this.#metadata);
  }
}

/** Bytes that hold no larger buffer. */
function owned(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
