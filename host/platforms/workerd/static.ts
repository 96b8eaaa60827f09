import { bindingsOf } from '../../bindings/kinds.ts';
import { servicesOf } from '../../bindings/service/target.ts';
import { BrinkError } from '../../errors.ts';
import { canonicalJson, CLOUD_RUNTIMES, encodeArtifact, type Artifact, type Module } from '../../registry/artifact.ts';
import { newRecord } from '../../registry/change.ts';
import { policyRules } from '../../registry/policies.ts';
import { recordsIn } from '../../registry/records.ts';
import type { FunctionRecord } from '../../registry/record.ts';
import { Registry } from '../../registry/registry.ts';
import { requiredSecrets } from '../../registry/secret-change.ts';
import type { HandlerName } from '../../dispatch/cell.ts';
import { createMemoryBlobs, createMemoryStore } from '../../stores/memory.ts';
import { bundleWorker, COMPATIBILITY } from './build.ts';

export interface StaticFunction {
  readonly name: string;
  readonly version: number;
  readonly artifact: Artifact;
  /** As the probe found them. */
  readonly handlers: readonly HandlerName[];
}

export interface StaticBundle {
  readonly mainModule: string;
  /** Relative path → module; `json` ones have become `js`, and source maps are left out. */
  readonly modules: ReadonlyMap<string, Module>;
  /** wrangler's configuration, for `wrangler.json` beside the modules. */
  readonly wranglerConfig: Readonly<Record<string, unknown>>;
}

const MAIN = 'worker.js';
/** How the names of the host Worker's own settings begin. */
const OWN = 'BRINK_';
const TABLE = 'functions/index.js';
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * The host Worker with functions inside of it: `live` of each is the version given.
 *
 * @throws {BrinkError} `unsupported` where a function asks for what a shared isolate cannot give, `route-conflict`
 */
export async function bundleStatic(functions: readonly StaticFunction[]): Promise<StaticBundle> {
  for (const { name, artifact } of functions) checkSharable(name, artifact);
  const { code } = await bundleWorker('host/platforms/workerd/static-worker.ts', { 'brink:static': `./${TABLE}` });
  const modules = new Map<string, Module>([
    [MAIN, js(code)],
    [TABLE, js(await table(functions))],
  ]);
  for (const { name, version, artifact } of functions) {
    for (const [path, module] of Object.entries(artifact.modules)) {
      if (module.type !== 'map' && module.type !== 'openapi') modules.set(`functions/${name}-${version}/${path}`, asFile(module));
    }
  }
  return { mainModule: MAIN, modules, wranglerConfig: configOf(functions, modules) };
}

/** What the registry would hold had each been published, so that the host finds in memory what it looks for. */
async function table(functions: readonly StaticFunction[]): Promise<string> {
  const store = createMemoryStore(() => 0);
  const registry = new Registry({ store, blobs: createMemoryBlobs(), now: () => 0 });
  for (const { name, version, artifact, handlers } of functions) {
    // The Worker's own secrets are there for them, which no registry knows.
    const { secrets: _secrets, ...manifest } = artifact.manifest;
    await recordsIn<FunctionRecord>(store).update(`function/${name}`, () => ({ ...newRecord(name), nextVersion: version }));
    await registry.publish(name, encodeArtifact({ ...artifact, manifest }), { alias: 'live', probe: async () => handlers });
  }
  const entries: [string, string][] = [];
  for (const key of (await store.list({ prefix: '', limit: 100_000 })).keys)
    entries.push([key, text.decode((await store.get(key))!.value)]);
  const mains = functions.map(({ name, version, artifact }) => {
    const path = JSON.stringify(`./${name}-${version}/${artifact.mainModule}`);
    return `${JSON.stringify(`${name}@${version}`)}: () => import(${path})`;
  });
  const secrets = Object.fromEntries(
    functions.map((each) => [`${each.name}@${each.version}`, requiredSecrets(each.artifact.manifest).secrets ?? []]),
  );
  return `export const entries = ${JSON.stringify(entries)};\nexport const secrets = ${JSON.stringify(secrets)};\nexport const mains = { ${mains.join(', ')} };\n`;
}

function asFile(module: Module): Module {
  return module.type === 'json' ? js(`export default ${text.decode(module.bytes)};`) : module;
}

function js(code: string): Module {
  return { type: 'js', bytes: utf8.encode(code) };
}

function configOf(functions: readonly StaticFunction[], modules: ReadonlyMap<string, Module>): Record<string, unknown> {
  const manifests = functions.map(({ artifact }) => artifact.manifest);
  const globs = (type: Module['type']) => [...modules].filter(([, module]) => module.type === type).map(([path]) => path);
  const rules = (
    [
      ['ESModule', 'js'],
      ['CompiledWasm', 'wasm'],
      ['Text', 'text'],
      ['Data', 'data'],
    ] as const
  ).map(([type, of]) => ({ type, globs: globs(of), fallthrough: true }));
  return {
    name: 'brink',
    main: MAIN,
    // The newest date of all: the functions share one isolate.
    compatibility_date: manifests.reduce<string>(
      (newest, { compatibility_date: date }) => (date > newest ? date : newest),
      COMPATIBILITY.date,
    ),
    compatibility_flags: [...new Set([...COMPATIBILITY.flags, ...manifests.flatMap(({ compatibility_flags: flags }) => flags)])],
    no_bundle: true,
    find_additional_modules: true,
    rules: rules.filter(({ globs: files }) => files.length > 0),
    triggers: { crons: [...new Set(manifests.flatMap(({ triggers }) => triggers.crons))] },
  };
}

function checkSharable(name: string, { manifest, modules }: Artifact): void {
  const runtime = Object.values(CLOUD_RUNTIMES).find((module) => Object.hasOwn(modules, module));
  if (runtime !== undefined) {
    throw new BrinkError(
      'unsupported',
      `${name} is written for another cloud (${runtime}) and reads process.env, which functions of one isolate would share; with --static it would be the host's. Deploy without --static.`,
      { details: { function: name } },
    );
  }
  const own = manifest.secrets?.required.find((secret) => secret.startsWith(OWN));
  if (own !== undefined) {
    throw new BrinkError(
      'unsupported',
      `${name} requires the secret ${own}; with --static the Worker's own secrets begin with ${OWN}, and no function sees them. Use another name.`,
      { details: { function: name, secret: own } },
    );
  }
  if (policyRules(manifest).length > 0) {
    throw new BrinkError(
      'unsupported',
      `${name} has a policy in its gateway; with --static there is no isolate in which it could be asked. Deploy without --static.`,
      { details: { function: name } },
    );
  }
  const services = servicesOf(manifest).map((service) => service.name);
  if (services.length > 0) {
    throw new BrinkError(
      'unsupported',
      `${name} calls other functions (${services.join(', ')}); with --static they share one isolate, where no call has a limit, a version or a crash of its own. Deploy without --static.`,
      { details: { function: name, bindings: services } },
    );
  }
  const queues = [...(manifest.queues?.consumers ?? []), ...(manifest.webhooks ?? [])].map(({ queue }) => queue);
  const bindings = [...bindingsOf(manifest).map(({ name: each }) => each), ...new Set(queues)];
  if (bindings.length > 0) {
    throw new BrinkError(
      'unsupported',
      `${name} has bindings or queues (${bindings.join(', ')}), and a host deployed with --static keeps no state. Deploy without --static.`,
      { details: { function: name, bindings } },
    );
  }
  if (manifest.schedules !== undefined) {
    throw new BrinkError(
      'unsupported',
      `${name} has schedules that Cloudflare's cron triggers cannot keep; with --static there are \`triggers.crons\` alone. Deploy without --static.`,
      { details: { function: name } },
    );
  }
  if (manifest.capabilities.outbound === null) return;
  throw new BrinkError(
    'unsupported',
    `${name} names the hosts that it may reach (${canonicalJson(manifest.capabilities.outbound)}); in one isolate with others that cannot be kept. Deploy without --static.`,
    { details: { function: name } },
  );
}
