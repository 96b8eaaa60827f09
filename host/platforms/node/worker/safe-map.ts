/** A Map whose methods stay what they are when a function changes those of `Map.prototype`: for what the cell itself keeps. */
export class SafeMap<Key, Value> extends Map<Key, Value> {}

for (const key of Reflect.ownKeys(Map.prototype)) {
  if (key !== 'constructor') Object.defineProperty(SafeMap.prototype, key, Object.getOwnPropertyDescriptor(Map.prototype, key)!);
}
