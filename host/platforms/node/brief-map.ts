/** How many places there are for entries, at least and at most. Powers of two. */
const FEWEST = 64;
const MOST = 65_536;

interface Box<Value> {
  value: Value | undefined;
}

/** A Map whose methods stay what they are when a function changes those of `Map.prototype`. */
class SafeMap<Key, Value> extends Map<Key, Value> {}

for (const key of Reflect.ownKeys(Map.prototype)) {
  if (key !== 'constructor') Object.defineProperty(SafeMap.prototype, key, Object.getOwnPropertyDescriptor(Map.prototype, key)!);
}

/**
 * For what comes and goes with each request, by numbers that count up: a map that lets go of what is deleted.
 *
 * V8 links each table that a Map has outgrown with the next one, and deleting makes it outgrow them as well. Once such a table lies
 * in the old generation, all later ones stay, and all that was in them when they were left, until the next full collection:
 * so every request would outlive the collections that are cheap. Here an entry has its place in an array. Only one that is still
 * there when another needs the place moves to a Map, in a box that is empty when it is deleted.
 *
 * It may be used where a function has changed the prototypes.
 */
export class BriefMap<Value extends object> {
  /** Keys are there where values are. */
  #keys: number[] = [];
  #values: (Value | undefined)[] = [];
  #mask = FEWEST - 1;
  readonly #lasting = new SafeMap<number, Box<Value>>();
  #size = 0;

  constructor() {
    this.#empty();
  }

  get size(): number {
    return this.#size;
  }

  has(key: number): boolean {
    return this.get(key) !== undefined;
  }

  get(key: number): Value | undefined {
    const place = key & this.#mask;
    const value = this.#values[place];
    if (value !== undefined && this.#keys[place] === key) return value;
    return this.#lasting.size === 0 ? undefined : this.#lasting.get(key)?.value;
  }

  /** @param key a whole number from 0 on */
  set(key: number, value: Value): void {
    const place = key & this.#mask;
    const before = this.#values[place];
    if (before !== undefined && this.#keys[place] !== key) {
      if (this.#size > this.#mask >> 1 && this.#mask < MOST - 1) return this.#grow(key, value);
      this.#lasting.set(this.#keys[place]!, { value: before });
    } else if (before !== undefined) this.#size--;
    if (this.#lasting.size > 0) this.#drop(key);
    this.#values[place] = value;
    this.#keys[place] = key;
    this.#size++;
  }

  delete(key: number): boolean {
    const place = key & this.#mask;
    if (this.#values[place] === undefined || this.#keys[place] !== key) return this.#lasting.size > 0 && this.#drop(key);
    this.#values[place] = undefined;
    this.#size--;
    return true;
  }

  clear(): void {
    this.#lasting.forEach((box) => (box.value = undefined));
    this.#lasting.clear();
    this.#size = 0;
    this.#empty();
  }

  values(): Value[] {
    const values: Value[] = [];
    if (this.#size === 0) return values;
    this.#lasting.forEach(({ value }) => (values[values.length] = value!));
    for (let place = 0; place <= this.#mask; place++) {
      const value = this.#values[place];
      if (value !== undefined) values[values.length] = value;
    }
    return values;
  }

  /** That of a value; it looks for it in all of them. */
  keyOf(is: (value: Value) => boolean): number | undefined {
    for (let place = 0; place <= this.#mask; place++) {
      const value = this.#values[place];
      if (value !== undefined && is(value)) return this.#keys[place];
    }
    let found: number | undefined;
    this.#lasting.forEach(({ value }, key) => {
      if (value !== undefined && is(value)) found = key;
    });
    return found;
  }

  #drop(key: number): boolean {
    const box = this.#lasting.get(key);
    if (box === undefined) return false;
    box.value = undefined;
    this.#lasting.delete(key);
    this.#size--;
    return true;
  }

  #grow(key: number, value: Value): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#mask = this.#mask * 2 + 1;
    this.#size = this.#lasting.size;
    this.#empty();
    for (let place = 0; place < values.length; place++) if (values[place] !== undefined) this.set(keys[place]!, values[place]!);
    this.set(key, value);
  }

  #empty(): void {
    this.#keys = [];
    this.#values = [];
    for (let place = 0; place <= this.#mask; place++) {
      this.#keys[place] = 0;
      this.#values[place] = undefined;
    }
  }
}
