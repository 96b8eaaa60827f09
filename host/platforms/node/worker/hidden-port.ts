import type { MessagePort } from 'node:worker_threads';

/**
 * The way to the main thread, which the function is not to find: methods that it could change on the prototypes of ports
 * and event targets would be called with the port as `this`. So those that are called are the port's own.
 */
export function hidePort(port: MessagePort): void {
  let prototype: object | null = Object.getPrototypeOf(port) as object;
  while (prototype !== null && prototype !== Object.prototype) {
    for (const key of Reflect.ownKeys(prototype)) {
      const { value } = Object.getOwnPropertyDescriptor(prototype, key)!;
      if (key !== 'constructor' && typeof value === 'function' && !Object.hasOwn(port, key))
        Object.defineProperty(port, key, { value, configurable: true, writable: true });
    }
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
}
