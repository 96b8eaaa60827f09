import { cronProblem } from '../timing/cron.ts';
import type { Manifest, ManifestConsumer, ManifestHealth, ManifestOpenApi, ManifestScaling, ManifestService } from './manifest.ts';
import { blocksOf } from './gateway/blocks.ts';
import type { GatewayBlock } from './gateway/schema.ts';
import type { ManifestAsync, ManifestIdempotency } from './manifest-async.ts';
import type { ManifestSendEmail } from './manifest-email.ts';
import { checkBindingNames, thoseThatAre } from './manifest-bindings.ts';
import { invalidManifest, unreadManifest } from './manifest-errors.ts';
import { jsonProblem } from './manifest-json.ts';
import { canonicalRoutes } from './manifest-routes.ts';
import { isScheduler, type ManifestSchedule, type ManifestScheduler } from './manifest-schedules.ts';
import { manifestSchema } from './manifest-schema.ts';
import { checkPaths, type ManifestWebhook } from './manifest-webhooks.ts';
import { withoutUnsupported } from './manifest-unsupported.ts';
import { checkName } from './names.ts';

/** 256 KiB, as JSON. */
export const MANIFEST_MAX_BYTES = 256 * 1024;

const utf8 = new TextEncoder();

/**
 * The only place where an unknown value becomes a manifest. Keys that are left out get their defaults, and routes may
 * be written in each of wrangler's ways; a manifest's own JSON comes back as it is.
 *
 * @param place the file that the value comes from, for messages
 * @throws {BrinkError} `manifest-invalid`, `manifest-unknown-key`, `binding-unsupported`, `name-invalid`, `route-invalid`
 */
export function parseManifest(value: unknown, place?: string): Manifest {
  const notJson = jsonProblem(value);
  if (notJson !== null) throw invalidManifest(notJson.path, notJson.why, place);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalidManifest('', 'must be a table of keys', place);
  const parsed = manifestSchema.safeParse(withoutUnsupported(value as Record<string, unknown>, place));
  if (!parsed.success) throw unreadManifest(parsed.error.issues, place);
  const {
    route,
    routes,
    component,
    scaling,
    health,
    openapi,
    async: asyncCalls,
    idempotency,
    gateway,
    secrets,
    kv_namespaces,
    services,
    locks,
    r2_buckets,
    d1_databases,
    ratelimits,
    send_email,
    email,
    queues,
    schedules,
    webhooks = [],
    ...rest
  } = parsed.data;
  const bindings = {
    kv_namespaces,
    services: services && (plain(services) as ManifestService[]),
    locks,
    r2_buckets,
    d1_databases,
    ratelimits,
    send_email: send_email?.map(({ remote: _remote, ...each }) => plain(each) as ManifestSendEmail),
    queues,
    schedules,
  };
  if (route !== undefined && routes !== undefined) throw invalidManifest('route', 'stands beside routes; keep one of the two', place);
  checkName(rest.name, 'function');
  checkCrons(rest.triggers.crons, place);
  checkBindingNames(bindings, rest.vars, place);
  checkConsumers(queues?.consumers ?? [], place);
  checkSchedules(schedules ?? [], rest.triggers.crons, place);
  checkPaths(webhooks, place);
  const required = [...new Set([...(secrets?.required ?? []), ...webhooks.flatMap(({ secret }) => secret.slice(0, 1))])];
  for (const { service, alias } of services ?? []) {
    checkName(service, 'function');
    checkName(alias, 'alias');
  }
  const blocks = blocksOf(plain(gateway ?? []) as GatewayBlock[], routes ?? [route ?? []].flat());
  const manifest = {
    ...rest,
    ...(component !== undefined && { component }),
    ...(scaling !== undefined && Object.keys(scaling).length > 0 && { scaling: plain(scaling) as ManifestScaling }),
    ...(health !== undefined && { health: plain(health) as ManifestHealth }),
    ...(openapi !== undefined && { openapi: plain(openapi) as ManifestOpenApi }),
    ...(asyncCalls?.enabled === true && { async: plain(asyncCalls) as ManifestAsync }),
    ...(idempotency?.enabled === true && { idempotency: plain(idempotency) as ManifestIdempotency }),
    ...(required.length > 0 && { secrets: { required } }),
    ...(blocks.length > 0 && { gateway: plain(blocks) }),
    ...(email !== undefined && email.addresses.length > 0 && { email: { addresses: [...new Set(email.addresses)] } }),
    ...thoseThatAre(bindings),
    ...(webhooks.length > 0 && { webhooks: plain(webhooks) as ManifestWebhook[] }),
    vars: plain(rest.vars) as Manifest['vars'],
    routes: canonicalRoutes(route ? [route] : (routes ?? []), place),
  };
  checkSize(manifest, place);
  return manifest;
}

/** What the runtime put between the lines (prototypes, shared tables) goes with the text. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function checkCrons(crons: readonly string[], place: string | undefined): void {
  for (const [index, cron] of crons.entries()) {
    const problem = cronProblem(cron) ?? (crons.indexOf(cron) < index ? 'stands there twice' : null);
    if (problem !== null) throw invalidManifest(`triggers.crons[${index}]`, problem, place);
  }
}

function checkConsumers(consumers: readonly ManifestConsumer[], place: string | undefined): void {
  const names = consumers.map(({ queue }) => queue);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice !== -1) throw invalidManifest(`queues.consumers[${twice}].queue`, 'stands there twice', place);
}

/** Two of one name could not be told apart. */
function checkSchedules(
  schedules: readonly (ManifestScheduler | ManifestSchedule)[],
  crons: readonly string[],
  place: string | undefined,
): void {
  const names = schedules.map((each) => (isScheduler(each) ? null : each.name));
  for (const [index, name] of names.entries()) {
    if (name === null || (names.indexOf(name) === index && !crons.includes(name))) continue;
    const where = crons.includes(name) ? 'triggers.crons' : `schedules[${names.indexOf(name)}]`;
    throw invalidManifest(`schedules[${index}]`, `has the name ${JSON.stringify(name)} of ${where}; give it a name of its own`, place);
  }
}

function checkSize(manifest: Manifest, place: string | undefined): void {
  const bytes = utf8.encode(JSON.stringify(manifest)).byteLength;
  if (bytes <= MANIFEST_MAX_BYTES) return;
  throw invalidManifest('', `has ${bytes} bytes as JSON; at most ${MANIFEST_MAX_BYTES} are taken. Import large values as modules`, place);
}
