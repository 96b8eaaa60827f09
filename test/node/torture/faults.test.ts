import { expect } from 'vitest';
import { eventually } from '../../conformance/harness.ts';
import { torture, type Attack } from './harness.ts';

const ERROR = `throw new Error('on purpose')`;

/** Each in a handler that answers `alive`, so that the cell can be seen to go on. */
const phases: readonly Attack[] = [
  { name: 'a throw in the handler', body: ERROR, hears: ['handler-threw'] },
  {
    name: 'a throw of something whose every property throws',
    body: `throw new Proxy({}, { get() { ${ERROR} }, getPrototypeOf() { ${ERROR} } })`,
    hears: ['handler-threw'],
  },
  {
    name: 'a throw in a stream that is pulled',
    body: `return new Response(new ReadableStream({ pull() { ${ERROR} } }))`,
    hears: ['broken off', 'ok'],
  },
  {
    name: 'a throw in a stream after its first piece',
    body: `let n = 0; return new Response(new ReadableStream({ pull(controller) { if (n++ > 0) { ${ERROR} } controller.enqueue(new Uint8Array(10)); } }))`,
    hears: ['broken off'],
  },
  { name: 'a throw in waitUntil', body: `ctx.waitUntil((async () => { ${ERROR} })()); return new Response('now')`, hears: ['ok'] },
  {
    name: 'a throw in an abort listener',
    body: `request.signal.addEventListener('abort', () => { ${ERROR} }); await new Promise((resolve) => setTimeout(resolve, 700)); return new Response('late')`,
    limits: { deadline_ms: 300 },
    hears: ['deadline-exceeded'],
  },
  {
    name: 'a throw in a timer, a microtask and a promise',
    body: `setTimeout(() => { ${ERROR} }); queueMicrotask(() => { ${ERROR} }); Promise.reject(1); await new Promise((resolve) => setTimeout(resolve, 50)); return new Response('now')`,
    hears: ['ok'],
  },
  { name: 'a response with headers that throw', body: `return { get status() { ${ERROR} } }`, hears: ['response-invalid'] },
  { name: 'a thenable that throws', body: `return { then() { ${ERROR} } }`, hears: ['handler-threw'] },
  {
    name: 'a thenable that calls back ten times',
    body: `return { then(resolve, reject) { for (let n = 0; n < 5; n++) { resolve(new Response('once')); reject(1) } } }`,
    hears: ['ok'],
  },
];

torture('faults', [
  ...phases,
  {
    name: '50,000 rejections that nobody handles',
    body: `for (let n = 0; n < 50_000; n++) Promise.reject(new Error('left ' + n)); await new Promise((resolve) => setTimeout(resolve, 10)); return new Response('now')`,
    limits: { deadline_ms: 20_000 },
    hears: ['ok'],
    async after(host, name) {
      await eventually(() =>
        host.events.find((event) => event.type === 'console' && event.function === name && /left out of the log/.test(event.message)),
      );
      const exceptions = host.events.filter((event) => event.type === 'exception' && event.function === name);
      expect(exceptions.length).toBeLessThanOrEqual(2_000);
    },
  },
  {
    name: 'a flood of lines',
    body: `for (let n = 0; n < 200_000; n++) console.log('line', n); return new Response('now')`,
    limits: { deadline_ms: 20_000 },
    hears: ['ok'],
    async after(host, name) {
      const told = await eventually(() =>
        host.events.find((event) => event.type === 'console' && event.function === name && /left out of the log/.test(event.message)),
      );
      expect(told).toMatchObject({ message: expect.stringMatching(/^199000 lines/) as string });
    },
  },
  {
    name: 'a response whose headers have no end',
    body: `return new Response('x', { headers: { long: 'x'.repeat(5_000_000) } })`,
    hears: ['ok', 'broken off', 'response-invalid'],
  },
]);
