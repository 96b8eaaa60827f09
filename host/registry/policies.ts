import { BrinkError } from '../errors.ts';
import type { LoadedVersion } from '../dispatch/cell.ts';
import type { Artifact } from './artifact.ts';
import type { PolicyRule } from './gateway/policy.ts';
import type { Manifest } from './manifest.ts';
import { parseManifest } from './parse-manifest.ts';

/** Where policies lie in an artifact, with what asks them. No code of the function's gets to be asked in their place. */
export const POLICY_FOLDER = 'policy/';
export const POLICY_MAIN = `${POLICY_FOLDER}main.js`;

/** A policy with the data that it is asked with: each is instantiated once for a cell. */
export type Policy = Pick<PolicyRule, 'module' | 'data'>;

/** How long a decision may take, in ms: on workerd with the start of the isolate, if there is none. */
const DEADLINE = 2_000;
/** In ms, where it is measured. */
const CPU = 1_000;
/** Of the cell's heap, and of the memory of each of its policies, in MB. */
const MEMORY = 64;

export function policyRules({ gateway = [] }: Pick<Manifest, 'gateway'>): PolicyRule[] {
  return gateway.flatMap(({ policy }) => policy || []);
}

/** Each once, with the entrypoints that the rules name. */
export function policiesOf(manifest: Pick<Manifest, 'gateway'>): (Policy & { readonly entrypoints: readonly string[] })[] {
  const found = new Map<string, Policy & { readonly entrypoints: Set<string> }>();
  for (const { module, data, entrypoint } of policyRules(manifest)) {
    const id = policyId({ module, ...(data !== undefined && { data }) });
    const entrypoints = found.get(id)?.entrypoints ?? new Set();
    found.set(id, { module, ...(data !== undefined && { data }), entrypoints: entrypoints.add(entrypoint) });
  }
  return [...found.values()].map((each) => ({ ...each, entrypoints: [...each.entrypoints] }));
}

/** What a cell is asked for a policy by. */
export function policyId({ module, data }: Policy): string {
  return data === undefined ? module : `${module} ${data}`;
}

/**
 * The policies of an artifact as one of their own, which has nothing of the function's: no vars, no secrets, no bindings, and
 * nowhere to call. Null where it has none.
 *
 * @throws {BrinkError} `artifact-invalid` where it has not what its rules name
 */
export function policyArtifact({ manifest, modules }: Artifact): Artifact | null {
  const policies = policiesOf(manifest);
  if (policies.length === 0) return null;
  const wanted = [
    { name: POLICY_MAIN, type: 'js' },
    ...policies.map(({ module }) => ({ name: POLICY_FOLDER + module, type: 'wasm' })),
    ...policies.flatMap(({ data }) => (data === undefined ? [] : [{ name: POLICY_FOLDER + data, type: 'json' }])),
  ];
  for (const { name, type } of wanted) {
    if (!Object.hasOwn(modules, name) || modules[name]!.type !== type)
      throw new BrinkError(
        'artifact-invalid',
        `This is not an artifact whose policies can be asked: its gateway has a policy, and no ${type} module "${name}" is there. Make it with \`brink build\` or \`brink publish\`.`,
        { details: { module: name } },
      );
  }
  const own = Object.entries(modules).filter(([name]) => name.startsWith(POLICY_FOLDER));
  return { manifest: policyManifest(manifest.name), mainModule: POLICY_MAIN, modules: Object.fromEntries(own) };
}

/** The policies of a version as one of their own. */
export function policyVersion(version: Omit<LoadedVersion, 'manifest'> & { readonly manifest: Pick<Manifest, 'name'> }): LoadedVersion {
  return {
    artifact: `${version.artifact}/policy`,
    partOf: version.artifact,
    function: version.function,
    number: version.number,
    digest: version.digest,
    manifest: policyManifest(version.manifest.name),
    secretsRevision: version.secretsRevision,
    secrets: () => Promise.resolve({}),
    load: async () => policyArtifact(await version.load())!,
  };
}

function policyManifest(name: string): Manifest {
  return parseManifest({
    name,
    limits: {
      deadline_ms: DEADLINE,
      cpu_ms: CPU,
      memory_mb: MEMORY,
      subrequests: 1,
      response_body_mb: 1,
      log_lines: 100,
      log_lines_per_second: 100,
    },
    capabilities: { outbound: [] },
  });
}
