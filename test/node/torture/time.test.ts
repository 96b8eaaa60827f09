import { torture } from './harness.ts';

const SHORT = { deadline_ms: 600 };

torture('time', [
  { name: 'a loop that never ends', body: 'for (;;);', limits: SHORT, hears: ['deadline-exceeded'] },
  {
    name: 'a loop in a regular expression',
    body: `/^(a+)+$/.test('a'.repeat(50) + 'b')`,
    limits: SHORT,
    hears: ['deadline-exceeded'],
  },
  {
    name: 'a thread that stands still',
    body: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    limits: SHORT,
    // Which may not wait.
    hears: ['handler-threw'],
  },
  {
    name: 'microtasks that make microtasks',
    body: 'await new Promise(() => { (function next() { Promise.resolve().then(next) })() })',
    limits: SHORT,
    hears: ['deadline-exceeded'],
  },
  { name: 'CPU time in one go', body: 'for (;;);', limits: { deadline_ms: 20_000, cpu_ms: 100 }, hears: ['cpu-exceeded'] },
  {
    name: 'CPU time in slices',
    body: 'for (;;) { const end = performance.now() + 5; while (performance.now() < end); await new Promise((resolve) => setTimeout(resolve)) }',
    limits: { deadline_ms: 20_000, cpu_ms: 200 },
    hears: ['cpu-exceeded'],
  },
  {
    name: 'CPU time after the response',
    body: `ctx.waitUntil((async () => { for (;;) { const end = performance.now() + 5; while (performance.now() < end); await new Promise((resolve) => setTimeout(resolve)) } })()); return new Response('now')`,
    limits: { cpu_ms: 200 },
    hears: ['ok'],
    async after(host, name) {
      const { eventually } = await import('../../conformance/harness.ts');
      await eventually(
        () => host.events.find((event) => event.type === 'cell' && event.function === name && event.change === 'crashed'),
        20_000,
      );
    },
  },
  {
    name: '100,000 timers',
    body: `let fired = 0; await new Promise((resolve) => { for (let n = 0; n < 100_000; n++) setTimeout(() => { if (++fired === 100_000) resolve() }, n % 50) }); return new Response('fired')`,
    limits: { deadline_ms: 20_000 },
    hears: ['ok'],
  },
  {
    name: '100,000 timers that never stop',
    body: `for (let n = 0; n < 100_000; n++) setInterval(() => {}, 1); await new Promise(() => {})`,
    limits: { deadline_ms: 400, cpu_ms: 500 },
    hears: ['deadline-exceeded', 'cpu-exceeded'],
  },
]);
