interface Box<Value> {
  value: Value | undefined;
}

/** A Map whose methods stay what they are when a function changes those of `Map.prototype`. */
class SafeMap<Key, Value> extends Map<Key, Value> {}

for (const key of Reflect.ownKeys(Map.prototype)) {
  if (key !== 'constructor') Object.defineProperty(SafeMap.prototype, key, Object.getOwnPropertyDescriptor(Map.prototype, key)!);
}

/**
 * For what comes and goes with each request: a Map that lets go of what is deleted.
 *
 * V8 links each table that a Map has outgrown with the next one, and deleting makes it outgrow them as well. Once such a table lies
 * in the old generation, all later ones stay, and all that was in them when they were left, until the next full collection:
 * so every request would outlive the collections that are cheap. Here tables hold boxes, which are empty by then.
 *
 * It may be used where a function has changed the prototypes.
 */
export class BriefMap<Key extends number | string, Value extends object> {
  readonly #boxes = new SafeMap<Key, Box<Value>>();

  get size(): number {
    return this.#boxes.size;
  }

  has(key: Key): boolean {
    return this.#boxes.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#boxes.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    this.#boxes.set(key, { value });
  }

  delete(key: Key): boolean {
    const box = this.#boxes.get(key);
    if (box === undefined) return false;
    box.value = undefined;
    return this.#boxes.delete(key);
  }

  clear(): void {
    this.#boxes.forEach((box) => (box.value = undefined));
    this.#boxes.clear();
  }

  values(): Value[] {
    const values: Value[] = [];
    this.#boxes.forEach(({ value }) => (values[values.length] = value!));
    return values;
  }
}
