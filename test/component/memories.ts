import { vi } from 'vitest';

/** As the build exports it for the host, of a core module that defines one. */
const MEMORY = '\0m0:memory';

/** Collects the memory of each core instance that is made from now on and defines one; until mocks are restored. */
export function memoriesAsMade(): WebAssembly.Memory[] {
  const made: WebAssembly.Memory[] = [];
  const Original = WebAssembly.Instance;
  vi.spyOn(WebAssembly, 'Instance').mockImplementation(function (module, imports) {
    const instance = new Original(module!, imports);
    const memory = instance.exports[MEMORY];
    if (memory instanceof WebAssembly.Memory) made.push(memory);
    return instance;
  });
  return made;
}
