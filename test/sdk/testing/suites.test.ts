import type { KVNamespace } from '../../../sdk/kv.ts';
import type { D1Database } from '../../../sdk/d1.ts';
import type { LockManager } from '../../../sdk/locks.ts';
import type { R2Bucket } from '../../../sdk/r2.ts';
import type { RateLimit } from '../../../sdk/rate-limit.ts';
import { createTestEnv, type TestClock } from '../../../sdk/testing/index.ts';
import { d1By } from '../../bindings/d1.ts';
import { perform as performSql, type Outcome } from '../../bindings/d1-function.ts';
import { d1Suite } from '../../bindings/d1-suite.ts';
import { kvBy } from '../../bindings/kv.ts';
import { perform } from '../../bindings/kv-function.ts';
import { kvSuite } from '../../bindings/kv-suite.ts';
import { playOn } from '../../bindings/locks.ts';
import { locksSuite } from '../../bindings/locks-suite.ts';
import { CALLEE, CALLER } from '../../bindings/rpc-cases.ts';
import { rpcSuite } from '../../bindings/rpc-suite.ts';
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
  return { play: (scene) => whileTimePasses(clock, play(scene)), close };
});

/** The scenes pause as they do in a cell; this has the held clock go along. */
async function whileTimePasses<Value>(clock: TestClock, work: Promise<Value>): Promise<Value> {
  let over = false;
  void work.finally(() => (over = true)).catch(() => {});
  for (let time = performance.now(); !over; await new Promise((resolve) => setTimeout(resolve, 1))) {
    const passed = Math.floor(performance.now() - time);
    time += passed;
    await clock.advance(passed);
  }
  return work;
}

d1Suite(NAME, {
  async open() {
    const { env, close } = await createTestEnv<{ DB: D1Database }>({ bindings: { DB: 'd1' } });
    return {
      d1: d1By(async (orders) => {
        const outcomes: Outcome[] = [];
        for (const order of orders) outcomes.push(await performSql(env.DB, order));
        return JSON.parse(JSON.stringify(outcomes)) as Outcome[];
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
