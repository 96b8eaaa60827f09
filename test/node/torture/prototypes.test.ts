import { torture, type Attack } from './harness.ts';

const THROWS = `() => { throw new Error('patched') }`;

const BROKEN = ['ok', 'startup-failed', 'handler-threw', 'response-invalid', 'cell-crashed', 'deadline-exceeded', 'cell-start-failed'];

/** The prototype is patched before the first request; then handlers answer as before, as far as they do not use it themselves. */
const patched = (patch: string, hears: readonly string[] = ['ok']): Attack => ({
  name: patch.replace(THROWS, '…'),
  source: `${patch}; export default { fetch: (request) => new Response('alive') }`,
  hears,
  // Where it goes on it takes no time but that of its start.
  ...(hears.length === 1 && { limits: { deadline_ms: 20_000 } }),
});

torture('prototypes', [
  ...['shift', 'splice', 'map', 'forEach', 'filter', 'indexOf', 'slice', 'join'].map((method) =>
    patched(`Array.prototype.${method} = ${THROWS}`),
  ),
  ...['has', 'delete', 'values'].map((method) => patched(`Map.prototype.${method} = ${THROWS}`)),
  ...['then', 'catch', 'finally'].map((method) => patched(`Promise.prototype.${method} = ${THROWS}`)),
  ...['parse', 'stringify'].map((method) => patched(`JSON.${method} = ${THROWS}`)),
  patched(`EventTarget.prototype.dispatchEvent = EventTarget.prototype.addEventListener = ${THROWS}`),
  patched(`globalThis.setTimeout = globalThis.queueMicrotask = globalThis.setImmediate = ${THROWS}`),
  patched(`performance.now = Date.now = ${THROWS}`),
  // What Response and Request are written with, what the language goes by, or all objects share: a cell may not outlive
  // it, and its caller hears so.
  ...[
    `Array.prototype.push = ${THROWS}`,
    `Map.prototype.get = Map.prototype.set = ${THROWS}`,
    `Array.prototype[Symbol.iterator] = ${THROWS}`,
    `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = ${THROWS}`,
    `Object.prototype.then = ${THROWS}`,
    `Object.defineProperty(Object.prototype, '0', { get: ${THROWS}, set: ${THROWS} })`,
    `Object.keys = Object.entries = Object.assign = Object.hasOwn = ${THROWS}`,
    `globalThis.Promise = globalThis.Map = globalThis.Error = globalThis.Array = undefined`,
    `String.prototype.slice = String.prototype.toLowerCase = String.prototype.startsWith = ${THROWS}`,
  ].map((patch): Attack => ({ ...patched(patch, BROKEN), mayBreak: true })),
]);
