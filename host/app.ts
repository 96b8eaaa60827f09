import { createLateAdmin } from './admin/late.ts';
import { isAdmin } from './admin/path.ts';
import { createProbes, probed } from './admin/probes.ts';
import { LiveRules } from './dispatch/live-rules.ts';
import type { EmailEvent, EmailOutcome, QueueBatch, QueueOutcome, ScheduledEvent, ScheduledOutcome } from './dispatch/cell.ts';
import { Consumers, type QueueConsumer } from './dispatch/consumers.ts';
import { Pool } from './dispatch/pool/pool.ts';
import { DEFAULT_LIMITS } from './dispatch/pool/settings.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { EventCalls, type Invoked } from './dispatch/event-calls.ts';
import type { Destination } from './dispatch/router.ts';
import { Functions } from './dispatch/functions.ts';
import { MailRoutes } from './dispatch/mail-routes.ts';
import { describeFunctions } from './dispatch/openapi.ts';
import { createPolicies, createPublishAsk } from './dispatch/policies.ts';
import { createPublishCheck } from './dispatch/publish-check.ts';
import { createReadiness } from './dispatch/readiness.ts';
import { createServices, type Services } from './dispatch/services.ts';
import { createUpkeep } from './dispatch/upkeep.ts';
import { Routes } from './dispatch/routes.ts';
import { BrinkError } from './errors.ts';
import { noEncoding } from './gateway/cache/encoding.ts';
import { standardMessages } from './gateway/cache/messages.ts';
import { Responses } from './gateway/cache/responses.ts';
import { Ejections } from './gateway/limits/ejections.ts';
import { ApiKeys } from './gateway/auth/api-keys.ts';
import { createNonces } from './gateway/auth/nonces.ts';
import { createMemoryLimiter, createStoreLimiter } from './gateway/limits/limiter.ts';
import { createGateways } from './gateway/gateway.ts';
import { problemResponse } from './gateway/problem.ts';
import { createMetering } from './metering/metering.ts';
import { createKept } from './invocations/kept.ts';
import { isInvocationKey } from './invocations/record.ts';
import { isInvocation } from './invocations/view.ts';
import { isUsageKey } from './metering/usage.ts';
import type { Platform } from './platform.ts';
import type { BucketRule } from './registry/bucket-rules.ts';
import { placeOfRule, type ChangeRule, type ChangeRuleEntry } from './registry/change-rules.ts';
import { consumedBy } from './registry/queues.ts';
import { Freezes } from './registry/freezes.ts';
import { functionOfKey, type FunctionRecord } from './registry/record.ts';
import { PublishPolicies } from './registry/publish-policy.ts';
import type { ShadowMark } from './registry/shadow-record.ts';
import { Registry } from './registry/registry.ts';
import type { LiveSchedule } from './registry/declared.ts';
import { isReleaseKey } from './releases/driver.ts';
import { isShadowKey } from './shadows/reports.ts';
import { createShadows } from './shadows/shadows.ts';
import { tellReleases } from './releases/release-events.ts';
import { createReleases } from './releases/releases.ts';
import { createScheduleTrigger, schedulesOfRecord } from './triggers/schedules.ts';
import { isWebhookKey } from './webhooks/seen.ts';
import { createWebhooks } from './webhooks/webhooks.ts';

export interface Host {
  readonly registry: Registry;
  /** `env` is what the platform hands along with a request; `Platform.connection` reads it. */
  fetch(request: Request, env?: object): Response | Promise<Response>;
  /** Runs a function's `scheduled` handler. @throws {BrinkError} */
  scheduled(name: string, reference: string | null, event: ScheduledEvent): Promise<ScheduledOutcome & Invoked>;
  /** Runs the `email` handler of a function. @throws {BrinkError} */
  email(name: string, reference: string | null, event: EmailEvent): Promise<EmailOutcome & Invoked>;
  /** The function that takes mail of an address; null where none does. */
  mailRoute(address: string): Promise<string | null>;
  /** What functions call over their service bindings. */
  readonly services: Services;
  /** Who takes the messages of a queue; null where nobody does, or they are kept back. */
  consumer(queue: string): Promise<QueueConsumer | null>;
  /** Who is told of what happens in a bucket. */
  bucketRules(scope: string): readonly BucketRule[] | Promise<readonly BucketRule[]>;
  /** Who is told of changes of a namespace's keys, or of a database's rows. */
  changeRules(binding: Pick<ChangeRule, 'kind' | 'scope'>): readonly ChangeRule[] | Promise<readonly ChangeRule[]>;
  /** Runs a function's `queue` handler. @throws {BrinkError} where no version takes the batch */
  queue(name: string, bound: number | null, batch: QueueBatch): Promise<QueueOutcome & Invoked>;
  /** What the versions declare that `live` names; null where there is no such function. */
  schedules(name: string): Promise<readonly LiveSchedule[] | null>;
  /** Does what is due for a function's releases and shadows, and says when it is to be called next; null where nothing is under way. */
  releases(name: string): Promise<number | null>;
  /** A write of a shadow was kept off. */
  shadowWrote(mark: ShadowMark, kind: string, count: number): void;
  /** Starts cells that are kept, though nothing calls them. */
  warm(): Promise<void>;
  /** A function is called at this time by itself: a cell is there shortly before. */
  expect(name: string, at: number): void;
  /** Has schedules keep their times that were declared before this release, or whose host has crashed. */
  syncSchedules(): Promise<void>;
  /** Lets what runs finish, then stops every cell. */
  stop(): Promise<void>;
}

/** The way of a request: router → registry → gateway → dispatcher → cell. */
export function createHost(platform: Platform): Host {
  const { engine, store, blobs, keyring, databases, log, queues, now, random, connection, registryMaxAge: maxAge } = platform;
  const schedules = platform.manage && createScheduleTrigger(platform.manage);
  const pool = new Pool({
    engine,
    events: log.emit,
    now,
    clock: () => performance.now(),
    random,
    waitUntil: platform.waitUntil,
    ...(platform.pool ?? { limits: DEFAULT_LIMITS }),
  });
  const metering = createMetering(platform);
  const meter = metering?.meter ?? null;
  const readiness = createReadiness({ pool, events: log.emit, now, random });
  const told = tellReleases(log.emit, now);
  const registry = new Registry({
    store,
    blobs,
    keyring,
    now,
    readiness,
    changed(before, after) {
      told(before, after);
      shadows.changed(before, after);
    },
    ...(schedules && { schedules }),
  });
  const freezes = new Freezes({ store, now });
  const publishPolicies = new PublishPolicies({ store, blobs, now });
  const publishCheck = createPublishCheck({
    policies: publishPolicies,
    find: (name) => registry.find(name),
    ask: createPublishAsk(pool),
    random,
    events: log.emit,
    now,
  });
  const releases = createReleases({ platform, registry, freezes, changed });
  const shadows = createShadows({ platform, registry, pool, version: (name, number) => functions.byNumber(name, number), changed });
  const routes = new Routes({ registry, now, maxAge, root: platform.root });
  const ejections = new Ejections();
  const functions = new Functions({ registry, now, random, maxAge, read: follow, ejections });
  const consumers = new Consumers({ registry, functions, now, maxAge });
  const bucketRules = new LiveRules({ read: () => registry.live.bucketRules(), placeOf: ({ scope }) => scope, now, maxAge });
  const changeRules = new LiveRules<ChangeRuleEntry>({ read: () => registry.live.changeRules(), placeOf: placeOfRule, now, maxAge });
  const mailRoutes = new MailRoutes({ registry, now, maxAge });
  const kept = createKept({ platform, functions, attempt: (chosen, request, options) => dispatcher.attempt(chosen, request, options) });
  const { memory, store: shared, messages = standardMessages, encoding = noEncoding, apart } = platform.responses;
  const responses = new Responses({ store, shared, most: memory, now, maxAge });
  const cache = { responses, messages, now, waitUntil: platform.waitUntil, apart };
  const apiKeys = new ApiKeys({ store, now, maxAge });
  const quotas = createStoreLimiter({ store, now, random, shares: engine.name === 'node' });
  const gateways = createGateways({
    hostRules: () => routes.rules,
    now,
    random,
    events: log.emit,
    ejections,
    outbound: platform.outbound ?? nowhere,
    shares: engine.name === 'node',
    apiKeys,
    nonces: createNonces(store),
    // Where no one else writes, there is no other host that counts.
    limiter: Number.isFinite(maxAge) ? quotas : createMemoryLimiter(now),
    quotas,
    cache,
    compress: { messages, encoding },
    watchSocket: platform.watchSocket,
    askPolicy: createPolicies(pool),
    openapi: (version) => registry.openapiOf(version),
    ask: ({ chosen: { version }, connection: { address } }, { function: name, alias, request, traceparent }) =>
      services.fetch(request, {
        target: { function: name, alias, entrypoint: null, props: {} },
        caller: {
          function: version.function,
          traceparent,
          clientAddress: address,
          depth: 0,
          due: now() + version.manifest.limits.deadline_ms,
        },
      }),
  });
  const dispatcher = new Dispatcher({
    gateway: gateways.outer,
    keeper: createWebhooks({ platform, events: log.emit, next: kept.keeper }),
    functions,
    pool,
    events: log.emit,
    counted: releases.counted,
    mirror: shadows.mirror,
    meter,
    now,
    random,
  });
  const calls = new EventCalls({ functions, pool, events: log.emit, meter, now, random });
  const services = createServices({ gateway: gateways.inner, functions, pool, events: releases.counted, meter, now, random });
  const upkeep = createUpkeep({ registry, functions, engine, pool });
  engine.serve(services);

  function follow(name: string, record: FunctionRecord | null): void {
    releases.follow(name, record);
    shadows.follow(name, record);
  }

  /** When whoever delivers here knows of a change that was made now: at once where they are told. */
  const seen = (time: number) => (Number.isFinite(maxAge) && platform.changes === undefined ? time + maxAge : time);

  const probes = createProbes({ engine, store, condition: platform.condition ?? (() => WELL), now });
  const admin = createLateAdmin({
    registry,
    probes,
    apiKeys,
    engine,
    databases,
    log,
    policy: platform.admin,
    now,
    ticks: platform.ticks,
    leave: platform.leave,
    connection,
    schedules,
    invokeScheduled: async (name, reference, event) => ({ outcome: 'ok', ...(await calls.scheduled(name, reference, event)) }),
    invokeEmail: (name, reference, event) => calls.email(name, reference, event),
    mailRoute: (address) => mailRoutes.of(address),
    mailbox: platform.mailbox,
    describe: (origin) => describeFunctions({ registry, root: platform.root }, origin),
    cells: () => pool.view(),
    classes: () => pool.classes(),
    purge: (name, purge) => responses.purge(name, purge),
    usage: metering?.read ?? null,
    queues,
    invokeQueue: (name, reference, batch) => calls.invokeQueue(name, reference, batch),
    async queueChanged(queue) {
      consumers.forget();
      await queues.wake(queue, seen(now()));
    },
    freezes,
    releases,
    publishPolicies,
    publishCheck,
    shadows,
    changed,
    rulesChanged: () => routes.forget(),
  });

  function changed(name: string): void {
    routes.forget();
    functions.forget(name);
    consumers.forget();
    bucketRules.forget();
    changeRules.forget();
    mailRoutes.forget();
    platform.waitUntil(afterChange(name).catch(() => {}));
  }

  platform.changes?.((key) => {
    if (
      responses.changed(key) ||
      (key !== null && (isInvocationKey(key) || isWebhookKey(key) || isReleaseKey(key) || isShadowKey(key) || isUsageKey(key)))
    )
      return;
    const name = key === null ? null : functionOfKey(key);
    routes.expire();
    consumers.forget();
    bucketRules.forget();
    changeRules.forget();
    mailRoutes.forget();
    if (key === null || name !== null) functions.expire(name);
    if (name !== null) upkeep.follow(name).catch(() => {});
  });

  async function afterChange(name: string): Promise<void> {
    const record = await upkeep.follow(name);
    await Promise.all(consumedBy(record).map((queue) => queues.wake(queue, seen(now()))));
  }

  const dispatch = (request: Request, env: unknown, destination: Destination | null, time: number) =>
    destination === null ? problemResponse(notFound(request.url)) : dispatcher.fetch(request, destination, connection(env, request), time);

  return {
    registry,
    services,
    fetch(request, env) {
      if (isAdmin(request.url)) return isInvocation(request.url) ? kept.show(request) : (probed(request, probes) ?? admin(request, env));
      // Asked for once: on workerd a look at the clock is a call out of the isolate.
      const time = now();
      const found = routes.match(request.url, time);
      if (!(found instanceof Promise)) return dispatch(request, env, found, time);
      return found.then((destination) => dispatch(request, env, destination, time)).catch((error: unknown) => problemResponse(error));
    },
    scheduled: (name, reference, event) => calls.scheduled(name, reference, event),
    email: (name, reference, event) => calls.email(name, reference, event),
    mailRoute: (address) => mailRoutes.of(address),
    bucketRules: (scope) => bucketRules.of(scope),
    changeRules: (binding) => changeRules.of(placeOfRule(binding)),
    consumer: (queue) => kept.consumer(queue) ?? consumers.of(queue),
    queue: (name, bound, batch) => kept.queue(name, batch) ?? calls.queue(name, bound, batch),
    schedules: async (name) => schedulesOfRecord(await registry.find(name)),
    releases: async (name) => shadows.due(name, await releases.due(name)),
    shadowWrote: (mark, kind, count) => shadows.wrote(mark, kind, count),
    warm: () => upkeep.warm(),
    expect: (name, at) => upkeep.expect(name, at),
    syncSchedules: async () => schedules?.syncAll(await registry.list()),
    async stop() {
      await releases.stop();
      await shadows.stop();
      await pool.drain();
      await metering?.flush();
      await engine.stop();
    },
  };
}

function nowhere(): Promise<never> {
  return Promise.reject(new BrinkError('unsupported', 'This host calls nobody by itself.'));
}

const WELL = { draining: false, overloaded: false, cutOff: false };

function notFound(url: string): BrinkError {
  return new BrinkError('not-found', `No function answers at ${url}. Functions are at /{function}/; \`brink ls\` lists them.`);
}
