import { fileURLToPath } from 'node:url';
import { readConfig } from '../../host/build/config.ts';
import { selectEnvironment, splitKeys } from '../../host/build/config-keys.ts';
import { namesInEnv, type Manifest } from '../../host/registry/manifest.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import type { BindingKindName, TestEnvOptions } from './types.ts';

const NAME = 'function';

/** How each kind of `bindings` stands in a manifest: its key, and the key of its name there. */
const KEYS: Readonly<Record<Exclude<BindingKindName, 'queue'> | 'ratelimit', readonly [key: string, name: string]>> = {
  kv: ['kv_namespaces', 'binding'],
  locks: ['locks', 'binding'],
  d1: ['d1_databases', 'binding'],
  r2: ['r2_buckets', 'binding'],
  ratelimit: ['ratelimits', 'name'],
  schedules: ['schedules', 'binding'],
};

/**
 * What the options say of the function, as a host would read it.
 *
 * @throws {BrinkError} as `brink build` does; {TypeError} for what only a test can say
 */
export async function manifestOf(options: TestEnvOptions): Promise<Manifest> {
  const { bindings = {}, vars = {}, services = {} } = options;
  const base = await baseOf(options);
  const added: Record<string, unknown[]> = {};
  const queued: { binding: string; queue: string }[] = [];
  for (const [name, of] of Object.entries(bindings)) {
    const { kind, ...settings } = typeof of === 'string' ? { kind: of } : of;
    if (kind === 'queue') {
      queued.push({ binding: name, queue: labelOf(name) });
      continue;
    }
    if (!Object.hasOwn(KEYS, kind))
      throw new TypeError(
        `bindings.${name}: there is no kind ${JSON.stringify(kind)}. Known are ${[...Object.keys(KEYS), 'queue'].join(', ')}.`,
      );
    const [key, nameKey] = KEYS[kind];
    const item = kind === 'ratelimit' ? { namespace_id: name, simple: settings } : settings;
    (added[key] ??= []).push({ [nameKey]: name, ...item });
  }
  const known = new Set((base.services ?? []).map(({ binding }) => binding));
  const others = Object.keys(services).filter((name) => !known.has(name));
  if (others.length > 0) added['services'] = others.map((name) => ({ binding: name, service: labelOf(name) }));
  const own = base as unknown as Readonly<Record<string, unknown[] | undefined>>;
  const merged = Object.entries(added).map(([key, items]) => [key, [...(own[key] ?? []), ...items]]);
  const whole = { ...base, vars: { ...base.vars, ...vars }, ...(Object.fromEntries(merged) as object) };
  return checked(parseManifest(queued.length === 0 ? whole : { ...whole, queues: withQueues(base, queued) }), options);
}

async function baseOf({ config = {}, environment }: TestEnvOptions): Promise<Manifest> {
  if (typeof config !== 'string' && !(config instanceof URL)) {
    if (config === null || typeof config !== 'object')
      throw new TypeError('config is the path or URL of a config file, or its keys as an object.');
    const { manifest } = splitKeys(selectEnvironment(config, environment, 'config'), 'config');
    return parseManifest({ name: NAME, ...manifest }, 'config');
  }
  const path = config instanceof URL || config.startsWith('file:') ? fileURLToPath(config) : config;
  return (await readConfig(path, environment === undefined ? {} : { env: environment })).manifest;
}

function withQueues(
  { queues: { producers, consumers } = { producers: [], consumers: [] } }: Manifest,
  added: readonly { binding: string; queue: string }[],
): object {
  const consumed = new Set(consumers.map(({ queue }) => queue));
  const names = [...new Set(added.map(({ queue }) => queue))].filter((queue) => !consumed.has(queue));
  return { producers: [...producers, ...added], consumers: [...consumers, ...names.map((queue) => ({ queue }))] };
}

function checked(manifest: Manifest, { secrets = {} }: TestEnvOptions): Manifest {
  const missing = (manifest.secrets?.required ?? []).filter((name) => !Object.hasOwn(secrets, name) && !Object.hasOwn(manifest.vars, name));
  if (missing.length > 0)
    throw new TypeError(
      `secrets.required of the config names ${missing.join(', ')}: give the test values, createTestEnv({ secrets: { ${missing[0]}: '…' } }).`,
    );
  const taken = Object.keys(secrets).find((name) => namesInEnv(manifest).includes(name));
  if (taken !== undefined) throw new TypeError(`secrets.${taken}: env has a binding or a var of that name.`);
  return manifest;
}

function labelOf(binding: string): string {
  const label = binding
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return label === '' ? 'service' : label;
}
