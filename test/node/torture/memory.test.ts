import { torture } from './harness.ts';

/** (module (memory (export "m") 1) (func (export "g") (param i32) (result i32) local.get 0 memory.grow)) */
const GROWS = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  6,
  1,
  96,
  1,
  127,
  1,
  127,
  3,
  2,
  1,
  0,
  5,
  3,
  1,
  0,
  1,
  7,
  9,
  2,
  1,
  109,
  2,
  0,
  1,
  103,
  0,
  0,
  10,
  8,
  1,
  6,
  0,
  32,
  0,
  64,
  0,
  11,
);

const LIMITS = { deadline_ms: 30_000, memory_mb: 48 };
const hears = ['memory-exceeded'];
const held = (what: string) => `const held = []; for (;;) held.push(${what})`;

torture('memory', [
  { name: 'promises that are never settled', body: held('new Promise(() => {})'), limits: LIMITS, hears },
  { name: 'objects', body: held('new Array(1e5).fill({})'), limits: LIMITS, hears },
  // One allocation of it does not fit into what the heap may have: V8 would end the process.
  { name: 'arrays larger than the heap', body: held('new Array(3e7).fill(0)'), limits: LIMITS, hears },
  { name: 'strings', body: `${held(`[...('x'.repeat(1e6) + held.length)].join('')`)}`, limits: LIMITS, hears },
  { name: 'maps', body: 'const map = new Map(); for (let n = 0; ; n++) map.set(n, {})', limits: LIMITS, hears },
  { name: 'ArrayBuffers', body: held('new Uint8Array(1e6).fill(1)'), limits: LIMITS, hears },
  { name: 'one large ArrayBuffer', body: 'globalThis.held = new Uint8Array(1e9); await new Promise(() => {})', limits: LIMITS, hears },
  {
    name: 'copies of copies',
    body: 'let value = { a: 1 }; for (let n = 0; n < 22; n++) value = [structuredClone(value), structuredClone(value)]; return new Response("done")',
    limits: LIMITS,
    hears,
  },
  {
    name: 'a WebAssembly memory that grows',
    source: `import module from './grows.wasm';
      export default { fetch(request) {
        if (request.url.endsWith('/alive')) return new Response('alive');
        const { g, m } = new WebAssembly.Instance(module).exports;
        while (g(16) !== -1);
        if (m.buffer.byteLength !== 48 * 2 ** 20 - 15 * 2 ** 16) throw new Error(String(m.buffer.byteLength));
        return new Response('full');
      } }`,
    modules: { 'grows.wasm': GROWS },
    limits: LIMITS,
    hears: ['ok'],
  },
  {
    name: 'garbage, which is none of it',
    body: 'for (let n = 0; n < 300; n++) { new Uint8Array(1e6).fill(1); new Array(1e5).fill(n); if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve)) } return new Response("fine")',
    limits: LIMITS,
    hears: ['ok'],
  },
]);
