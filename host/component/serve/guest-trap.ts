import type { ComponentInvocation } from '../host.ts';
import { nameOf } from '../calls/exports.ts';
import type { Exported } from '../runtime/call.ts';
import type { Instance } from '../runtime/instance.ts';

/** What ended an instance, as the function's log and the host's 502 tell it. */
export class GuestTrap extends Error {
  constructor(error: Error, where: string) {
    super(`${error.message}${where}`, { cause: error });
    this.name = 'GuestTrap';
    // The frames of the guest are those that its author knows; the runtime's own say nothing.
    this.stack = [`GuestTrap: ${this.message}`, ...guestFrames(error)].join('\n');
  }
}

const AS_THEY_ARE: ReadonlySet<string> = new Set(['ErrorCodeAnswer', 'InvalidAnswer', 'AbortError', 'Cancelled']);

/**
 * An error that the host's own page answers with: a trap as such, others as they are.
 *
 * @param called the export that was called
 */
export function failureOf(instance: Instance, error: Error, called: Exported): Error {
  if (AS_THEY_ARE.has(error.name)) return error;
  const { lastCall } = instance;
  const last = lastCall === null ? '' : `; the last call of the host was ${lastCall}`;
  return new GuestTrap(error, ` (in ${nameOf(called)}${last})`);
}

/** A trap after the response has begun: the client cannot be told, the log can. */
export function logLate(failure: Error, invocation: ComponentInvocation): void {
  if (failure instanceof GuestTrap) invocation.waitUntil(Promise.reject(failure));
}

const FRAME = /^\s*at (?:(.+) \()?wasm:\/\/wasm\/(?:([\w.-]+\.wasm)-)?[^)]*?(?:wasm-function\[(\d+)\])?(?::(0x[0-9a-f]+))?\)?$/;

/**
 * V8 names a frame by the module's name section: `at greet (wasm://wasm/core0.wasm-1a2b:wasm-function[12]:0x3fd)`. The host
 * makes a source's place of the offset, where the build has made a source map of the module of that name.
 */
function guestFrames(error: Error): string[] {
  return (error.stack ?? '').split('\n').flatMap((line) => {
    const frame = FRAME.exec(line);
    if (frame === null) return [];
    const [, name, module, index, offset] = frame;
    const called = name?.replace(`${module}.`, '') ?? `function ${index ?? '?'}`;
    return [`    at ${called} (${module ?? 'wasm'}${offset === undefined ? '' : `:${offset}`})`];
  });
}
