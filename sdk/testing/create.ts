import { callBy, createClients } from '../../host/bindings/clients.ts';
import { bindingsOf, openBinding, receivedMail } from '../../host/bindings/kinds.ts';
import { Rates } from '../../host/bindings/rates.ts';
import { servicesOf } from '../../host/bindings/service/target.ts';
import { HostCaches } from '../../host/platforms/node/caches.ts';
import { createCaches } from '../../host/platforms/node/worker/caches.ts';
import type { ScheduledEvent } from '../../host/dispatch/cell.ts';
import type { Manifest } from '../../host/registry/manifest.ts';
import { transportTo } from './border.ts';
import { createCalls } from './calls.ts';
import { HeldClock, throwAll, timeOf } from './clock.ts';
import { TestFunction } from './function.ts';
import { patchDate, provideRuntime } from './globals.ts';
import { openWorld, type World } from './invocation.ts';
import { manifestOf } from './manifest.ts';
import { calleeOf, createTestService, type Callee } from './services.ts';
import { rawMail, sentMails } from './mails.ts';
import { handleMessages, messagesIn } from './messages.ts';
import { changeRules } from '../../host/registry/change-rules.ts';
import { bucketRules } from '../../host/registry/bucket-rules.ts';
import { createTestState } from './state.ts';
import type { TestEnv, TestEnvOptions } from './types.ts';

provideRuntime();

/** The functions of those that are open, so that one can be the service of another. */
const tests = new WeakMap<object, TestFunction>();

/**
 * A function's bindings in memory, with a clock that the test holds. Needs no host and leaves nothing behind: neither
 * processes nor files. Close it when the test is over: `await using test = await createTestEnv(…)` does.
 *
 * `Env` is the type of `env`, such as the one that `brink types` writes.
 *
 * @throws {BrinkError} for a config that `brink build` would refuse; {TypeError} for options that are none, or lack a secret
 *
 * @example
 * ```ts
 * import { createTestEnv } from 'brink/sdk/testing';
 * import handler from '../src/index.ts';
 *
 * await using test = await createTestEnv<Env>({ config: new URL('../brink.toml', import.meta.url), handler });
 * await test.env.VISITS.put('a', '1', { expirationTtl: 60 });
 * await test.clock.advance('61s');
 * const response = await test.fetch('/a');
 * ```
 */
export async function createTestEnv<Env = Record<string, unknown>>(options: TestEnvOptions = {}): Promise<TestEnv<Env>> {
  const main = await handlerOf(options);
  const manifest = await manifestOf(options);
  const failures: unknown[] = [];
  const failed = (error: unknown) => void failures.push(error);
  const taken = () => failures.splice(0);
  const clock = new HeldClock({ now: timeOf(options.now ?? Date.now()), quiet: () => tested.quiet(), failures: taken });
  const env: Record<string, unknown> = {};
  const tested: TestFunction = new TestFunction({ name: manifest.name, env, main, failed, world: () => world });
  const retried: unknown[] = [];
  const functions = createCalls({ manifest, tested: () => tested, failed, retried: (error) => void retried.push(error) });
  const { outside } = tested;
  const services = servicesIn(manifest, { options, outside });
  const restoreDate = options.patchDate === true ? patchDate(clock.now) : () => {};
  const { state, queue, mailbox, sync, close } = createTestState({
    clock,
    functions,
    bucketRules: bucketRules(manifest).bucketRules ?? [],
    changeRules: changeRules(manifest).changeRules ?? [],
    failed,
  });
  const rates = new Rates(clock.now);
  const bindings = bindingsOf(manifest);
  const clients = createClients(bindings, {
    now: clock.now,
    timers: clock,
    transportOf(name) {
      const spec = bindings.find((each) => each.name === name)!;
      const most = manifest.limits.operations_per_second ?? Infinity;
      const admit = () => rates.take(name, name, most);
      return transportTo({ methods: () => openBinding(spec, state), outside, admit, waits: spec.kind === 'locks' });
    },
  });
  Object.assign(env, options.secrets, manifest.vars, clients, services);
  const kept = new HostCaches(clock.now).of(manifest.name);
  const received = callBy(transportTo({ methods: () => receivedMail(manifest.name, state), outside, admit() {}, waits: false }));
  const caches = createCaches(
    callBy(transportTo({ methods: () => kept, outside, admit() {}, waits: false })),
  ) as unknown as World['caches'];
  const world: World = { env, caches, outside };
  await sync(manifest.name);
  const withdraw = openWorld(world);
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    restoreDate();
    withdraw();
    tested.stop();
    await close();
  }

  const test: TestEnv<Env> = {
    env: env as Env,
    ctx: tested.ctx,
    clock,
    caches,
    async fetch(input, init) {
      const request = typeof input === 'string' ? new Request(new URL(input, 'http://localhost'), init) : new Request(input, init);
      return tested.fetch(request);
    },
    async scheduled({ cron = manifest.triggers.crons[0] ?? '', scheduledTime = clock.now(), id, ...rest } = {}) {
      const event = { cron, scheduledTime: timeOf(scheduledTime), ...(id !== undefined && { schedule: id }), ...rest };
      const outcome = await tested.scheduled(event as ScheduledEvent);
      throwAll(taken());
      return outcome;
    },
    queue: (name, messages) => handleMessages(tested, { queue: name, messages, now: clock.now() }),
    email: ({ from = '', to, raw }) => tested.email({ from, to, raw: rawMail(raw) }, received),
    mails: () => sentMails(mailbox),
    messages: (name) => messagesIn(queue, name),
    retried,
    async settle() {
      await tested.idle();
      await clock.advance(0);
      await tested.idle();
      throwAll(taken());
    },
    close: () => (closing ??= closeAll()),
    [Symbol.asyncDispose]: () => (closing ??= closeAll()),
  };
  tests.set(test, tested);
  return test;
}

function servicesIn(manifest: Manifest, { options, outside }: { options: TestEnvOptions; outside: TestFunction['outside'] }): object {
  const { services = {} } = options;
  return Object.fromEntries(
    servicesOf(manifest).map((spec) => [
      spec.name,
      createTestService({ spec, callee: calleeFor(spec.name, services[spec.name]), outside }),
    ]),
  );
}

function calleeFor(name: string, double: unknown): Callee | undefined {
  if (double === undefined) return undefined;
  if (double === null || typeof double !== 'object')
    throw new TypeError(
      `services.${name} is an object with fetch() and methods, or another test env; a class is given as the handler of one.`,
    );
  return tests.get(double) ?? calleeOf(name, double);
}

async function handlerOf({ handler }: TestEnvOptions): Promise<object | undefined> {
  const main: unknown = await handler;
  if (main === undefined && handler === undefined) return undefined;
  if (main !== null && (typeof main === 'object' || typeof main === 'function')) return main;
  throw new TypeError(
    `handler is the default export of a main module, or all of it; this is ${main === null ? 'null' : `a ${typeof main}`}.`,
  );
}
