/** Of `console`, what Node keeps beside its methods: the streams of the thread, which lead to its port, among others. */
const CONSOLE = ['_stdout', '_stderr', '_stdoutErrorHandler', '_stderrErrorHandler', '_ignoreErrors', '_times', 'Console'];

/** Puts what of Node's insides can be reached from globals out of reach, or out of the reach of patches. */
export function hideInternals(): void {
  for (const key of [...CONSOLE, ...Object.getOwnPropertySymbols(console)])
    if (key !== Symbol.toStringTag) Reflect.deleteProperty(console, key);
  // It would look for the streams.
  console.clear = () => {};
  // Whoever replaced a method of theirs would be handed the host's port as its `this`.
  Object.freeze(MessagePort.prototype);
  for (let each = MessagePort.prototype as object; each !== Object.prototype; each = Object.getPrototypeOf(each) as object)
    lockSymbols(each);
  lockSymbols(Event.prototype);
  // It would stop more than one invocation. Workers has none either.
  Atomics.wait = () => {
    throw new TypeError('Atomics.wait cannot be called in this context');
  };
}

/** Node's own methods have symbols for names, that can be found and replaced like others. */
function lockSymbols(prototype: object): void {
  for (const symbol of Object.getOwnPropertySymbols(prototype)) {
    const found = Object.getOwnPropertyDescriptor(prototype, symbol)!;
    if (!found.configurable) continue;
    Object.defineProperty(prototype, symbol, { configurable: false, ...('value' in found && { writable: false }) });
  }
}
