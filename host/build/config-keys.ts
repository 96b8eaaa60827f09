import { z } from 'zod';
import { BrinkError } from '../errors.ts';
import { formatPath } from '../registry/manifest-json.ts';
import { invalidManifest, unknownKey } from '../registry/manifest-errors.ts';
import { knownKeys } from '../registry/manifest-schema.ts';
import { UNSUPPORTED_KEYS } from '../registry/manifest-unsupported.ts';
import { CLOUD_TABLES, cloudKeys } from './cloud-keys.ts';

/** wrangler's keys that only concern deployment to Cloudflare or wrangler itself: read by nothing here, and no error. */
// prettier-ignore
export const IGNORED_KEYS: ReadonlySet<string> = new Set([
  '$schema', 'account_id', 'base_dir', 'cache', 'compliance_region', 'dependencies_instrumentation', 'dev', 'first_party_worker',
  'keep_names', 'keep_vars', 'legacy_env', 'logpush', 'migrations', 'minify', 'no_bundle', 'observability', 'placement',
  'preserve_file_names', 'preview_urls', 'previews', 'send_metrics', 'upload_source_maps', 'usage_model', 'workers_dev', 'zone_id',
]);

/** What an environment does not take over from the top of the file. */
const NOT_INHERITED: ReadonlySet<string> = new Set([
  'define',
  'vars',
  'secrets',
  'kv_namespaces',
  'locks',
  'd1_databases',
  'ratelimits',
  'r2_buckets',
  'services',
  'send_email',
  'email',
  'queues',
  'webhooks',
  'schedules',
  'env',
  ...Object.keys(UNSUPPORTED_KEYS),
]);

/** Those of wrangler 1, which knew no modules. */
const FIRST_GENERATION: ReadonlySet<string> = new Set(['type', 'webpack_config']);

const text = z.string({ error: 'must be a string' });
const texts = z.record(z.string(), text, { error: 'must be a table of strings' });

const buildSchema = z.object({
  main: text.optional(),
  ...cloudKeys,
  tsconfig: text.optional(),
  define: texts.default({}),
  alias: texts.default({}),
  jsx_factory: text.optional(),
  jsx_fragment: text.optional(),
  find_additional_modules: z.boolean({ error: 'must be true or false' }).default(false),
  build: z.object({ command: text.optional() }, { error: 'must be a table' }).default({}),
  // The other keys of `[component]` are the manifest's.
  component: z.object({ assets: text.optional() }, { error: 'must be a table' }).default({}),
  rules: z
    .array(
      z.object(
        {
          type: z.enum(['ESModule', 'CommonJS', 'Text', 'Data', 'CompiledWasm'], {
            error: 'must be one of ESModule, CommonJS, Text, Data, CompiledWasm',
          }),
          globs: z.array(text, { error: 'must be a list of globs' }),
          fallthrough: z.boolean({ error: 'must be true or false' }).default(false),
        },
        { error: 'must be a table with type and globs' },
      ),
      { error: 'must be a list' },
    )
    .default([]),
});

export type BuildKeys = z.output<typeof buildSchema>;

/**
 * The keys of a config file in two: those that the build reads, and the rest, which `parseManifest` reads.
 *
 * @throws {BrinkError} `manifest-unknown-key`, `manifest-invalid`
 */
export function splitKeys(config: Record<string, unknown>, file: string): { build: BuildKeys; manifest: Record<string, unknown> } {
  const ofManifest = [...knownKeys([]), ...Object.keys(UNSUPPORTED_KEYS)];
  const ofBuild = Object.keys(buildSchema.shape);
  const known = new Set([...ofManifest, ...ofBuild, ...IGNORED_KEYS, 'env']);
  for (const key of Object.keys(config))
    if (!known.has(key)) throw FIRST_GENERATION.has(key) ? outdated(key, file) : unknownKey(key, known, file);
  checkTables(config, file);
  const build = buildSchema.safeParse(config);
  if (!build.success) throw invalidManifest(formatPath(build.error.issues[0]!.path), build.error.issues[0]!.message, file);
  return { build: build.data, manifest: withoutAssets(picked(config, ofManifest), file) };
}

/**
 * The config of an environment, by wrangler's rules: `[env.staging]` over the top of the file, without what is not
 * inherited, under the name `{name}-staging` if it gives none.
 *
 * @throws {BrinkError} `manifest-invalid` where there is no such environment
 */
export function selectEnvironment(config: Record<string, unknown>, env: string | undefined, file: string): Record<string, unknown> {
  if (env === undefined) return config;
  const environments = (config['env'] ?? {}) as Record<string, unknown>;
  const chosen = Object.hasOwn(environments, env) ? environments[env] : undefined;
  if (chosen === null || typeof chosen !== 'object') {
    const names = Object.keys(environments);
    throw invalidManifest(
      `env.${env}`,
      `is not there; ${names.length === 0 ? 'the file has no environments' : `it has ${names.join(', ')}`}`,
      file,
    );
  }
  const inherited = Object.entries(config).filter(
    ([key]) => !NOT_INHERITED.has(key) && !(key === 'routes' && 'route' in chosen) && !(key === 'route' && 'routes' in chosen),
  );
  const name = typeof config['name'] === 'string' ? { name: `${config['name']}-${env}` } : {};
  return { ...Object.fromEntries(inherited), ...name, ...chosen };
}

/** @throws {BrinkError} `manifest-unknown-key` */
function checkTables(config: Record<string, unknown>, file: string): void {
  for (const [table, known] of Object.entries(CLOUD_TABLES)) {
    const value = config[table];
    if (value === null || typeof value !== 'object') continue;
    for (const key of Object.keys(value)) if (!known.includes(key)) throw unknownKey(key, known, file, table);
  }
}

/** What a component's files are is in the artifact; the folder that they came from is not. */
function withoutAssets(manifest: Record<string, unknown>, file: string): Record<string, unknown> {
  const { component } = manifest;
  if (component === null || typeof component !== 'object' || Array.isArray(component)) return manifest;
  const known = ['assets', ...knownKeys(['component'])];
  for (const key of Object.keys(component)) if (!known.includes(key)) throw unknownKey(key, known, file, 'component');
  return { ...manifest, component: Object.fromEntries(Object.entries(component).filter(([key]) => key !== 'assets')) };
}

function outdated(key: string, file: string): BrinkError {
  return new BrinkError(
    'manifest-unknown-key',
    `${file}: the key ${key} is one of wrangler 1, whose Workers called addEventListener("fetch", …). Remove it, write ` +
      'main = "path/to/source.js", and let that export its handler: export default { fetch(request, env, ctx) { … } }.',
    { details: { key, nearest: 'main', file } },
  );
}

function picked(config: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => keys.includes(key)));
}
