import { expect } from 'vitest';
import type { KVNamespace } from '../../../sdk/kv.ts';
import type { D1Database } from '../../../sdk/d1.ts';
import type { LockManager } from '../../../sdk/locks.ts';
import type { R2Bucket } from '../../../sdk/r2.ts';
import type { RateLimit } from '../../../sdk/rate-limit.ts';
import { createTestEnv, type TestClock } from '../../../sdk/testing/index.ts';
import { d1By } from '../../bindings/d1.ts';
import { perform as performSql, type Outcome as SqlOutcome } from '../../bindings/d1-function.ts';
import { d1Suite } from '../../bindings/d1-suite.ts';
import { kvBy } from '../../bindings/kv.ts';
import { perform } from '../../bindings/kv-function.ts';
import { kvSuite } from '../../bindings/kv-suite.ts';
import { playOn } from '../../bindings/locks.ts';
import { locksSuite } from '../../bindings/locks-suite.ts';
import { CALLEE, CALLER } from '../../bindings/rpc-cases.ts';
import { rpcSuite } from '../../bindings/rpc-suite.ts';
import { functionSource as queueSource } from '../../bindings/queue.ts';
import { QUEUES, queueApiSuite } from '../../bindings/queue-suite.ts';
import { moduleSource } from '../../bindings/module-source.ts';
import type { Fired, Outcome } from '../../bindings/schedules-function.ts';
import { schedulesSuite } from '../../bindings/schedules-suite.ts';
import { cachesSuite } from '../../caches/suite.ts';
import { serve, testEnvOf } from './served.ts';
import { SUBJECTS } from '../../bindings/r2-function.ts';
import { r2Suite } from '../../bindings/r2-suite.ts';
import { ask } from '../../bindings/ratelimit-function.ts';
import { LIMITERS, rateLimitSuite } from '../../bindings/ratelimit-suite.ts';

/** The suites of the bindings' APIs, on those of a test env. */
const NAME = 'a test env';

kvSuite(NAME, {
  clock: true,
  async open() {
    const { env, clock, close } = await createTestEnv<{ KV: KVNamespace }>({ bindings: { KV: 'kv' } });
    return {
      kv: kvBy((orders) => Promise.all(orders.map((order) => perform(env.KV, order)))),
      clock: { now: () => clock.now(), advance: (ms) => clock.advance(ms) },
      close,
    };
  },
});

locksSuite(NAME, async () => {
  const { env, clock, close } = await createTestEnv<{ LOCKS: LockManager }>({ bindings: { LOCKS: 'locks' } });
  const play = playOn(env.LOCKS);
  const passing = withTime(clock);
  return {
    play,
    async close() {
      await passing.stop();
      await close();
    },
  };
});

d1Suite(NAME, {
  async open() {
    const { env, close } = await createTestEnv<{ DB: D1Database }>({ bindings: { DB: 'd1' } });
    return {
      d1: d1By(async (orders) => {
        const outcomes: SqlOutcome[] = [];
        for (const order of orders) outcomes.push(await performSql(env.DB, order));
        return JSON.parse(JSON.stringify(outcomes)) as SqlOutcome[];
      }),
      close,
    };
  },
});

r2Suite(NAME, {
  async open() {
    const { env, close } = await createTestEnv<{ BUCKET: R2Bucket }>({ bindings: { BUCKET: 'r2' } });
    return { run: (subject, name) => SUBJECTS[subject]![name]!(env.BUCKET), close };
  },
});

rateLimitSuite(NAME, async () => {
  const { env, close } = await createTestEnv<Record<string, RateLimit>>({ config: { ratelimits: LIMITERS } });
  return { ask: (name, calls) => ask(env[name]!, calls), close };
});

cachesSuite(NAME, { open: async (source) => serve(await testEnvOf(source)) });

rpcSuite(NAME, {
  async open() {
    const callee = await testEnvOf(CALLEE, { vars: { GREETING: 'hi' } });
    const services = [
      { binding: 'OTHER', service: 'callee', props: { role: 'caller' } },
      { binding: 'PLAIN', service: 'callee', entrypoint: 'plain' },
      { binding: 'NAMED', service: 'callee', entrypoint: 'Named' },
    ];
    const caller = await testEnvOf(CALLER, { config: { services }, services: { OTHER: callee, PLAIN: callee, NAMED: callee } });
    const { url, stop } = await serve(caller, callee);
    return { url, close: stop };
  },
});

queueApiSuite(NAME, {
  async open() {
    const test = await testEnvOf(await queueSource(), { config: { queues: QUEUES }, patchDate: true });
    const [{ url, stop }, passing] = [await serve(test), withTime(test.clock)];
    return {
      url: `${url}/`,
      async close() {
        await passing.stop();
        await stop();
      },
    };
  },
});

schedulesSuite(NAME, async () => {
  const test = await testEnvOf(await moduleSource('schedules-function.ts'), {
    config: { schedules: [{ binding: 'SCHEDULES' }] },
    patchDate: true,
  });
  return {
    async run(order) {
      return (await (await test.fetch('/', { method: 'POST', body: JSON.stringify(order) })).json()) as Outcome;
    },
    fired: async () => (await (await test.fetch('/')).json()) as Fired[],
    async eventually(check) {
      for (let turn = 0; turn < 100; turn++) {
        // What a handler throws comes out of it.
        await test.clock.advance(100).catch((error: Error) => expect(error.message).toBe('the handler throws'));
        const value = await check();
        if (value !== undefined) return value;
      }
      throw new Error('It did not happen within 10 s.');
    },
    now: () => test.clock.now(),
    close: () => test.close(),
  };
});

/** Has a held clock go along with the real time, for suites that pause. */
function withTime(clock: TestClock): { stop(): Promise<void> } {
  let over = false;
  const passing = (async () => {
    for (let time = performance.now(); !over; await new Promise((resolve) => setTimeout(resolve, 1))) {
      const passed = Math.floor(performance.now() - time);
      time += passed;
      await clock.advance(passed);
    }
  })();
  return {
    stop() {
      over = true;
      return passing;
    },
  };
}
