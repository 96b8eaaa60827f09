import { cellSource } from 'brink:cell';
import { bindingsOf } from '../../bindings/kinds.ts';
import type { BindingSpec } from '../../bindings/binding.ts';
import { limitsOf } from '../../cell/limits.ts';
import { BINDINGS, CACHE_BINDING, LIMITS, LOG_BINDING, OPEN, SERVICES, STUB_PREFIX } from '../../cell/workerd/protocol.ts';
import type { Artifact, Module } from '../../registry/artifact.ts';
import type { Manifest } from '../../registry/manifest.ts';
import { workerModule } from './worker-module.ts';

export interface CellBindings {
  /** Beside the vars in `env`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Stubs that the cell keeps to itself. */
  readonly log?: unknown;
  readonly cache?: unknown;
  /** What a binding's calls go to. */
  readonly binding?: (spec: BindingSpec) => unknown;
  /** What the cell itself lets through besides public addresses, so that it can say why; without it, it asks nothing. */
  readonly open?: readonly string[];
  /** Where the function's calls go; undefined leaves the platform's way out. */
  readonly outbound?: unknown;
}

/** Each is needed by the cell's own module, whatever date the author's code was written for. */
const FLAGS = ['rpc', 'enable_request_signal', 'request_signal_passthrough', 'allow_importable_env'];
/** What an author may have said instead; both together would not start. */
const OPPOSITES: Readonly<Record<string, string>> = {
  enable_request_signal: 'disable_request_signal',
  request_signal_passthrough: 'no_request_signal_passthrough',
  allow_importable_env: 'disallow_importable_env',
};

/** An artifact in the shape that the loader takes, with the cell's module as its main one. */
export function workerCode(artifact: Artifact, { secrets, log, cache, binding, open, outbound }: CellBindings): WorkerCode {
  const { manifest, mainModule, modules } = artifact;
  const name = freeName(modules);
  const given: Record<string, WorkerModule> = {
    [name]: { js: cellSource.replace('"brink:main"', () => JSON.stringify(`./${mainModule}`)) },
  };
  for (const [module, content] of Object.entries(modules)) {
    if (content.type !== 'map' && content.type !== 'openapi') given[module] = workerModule(content.type, content.bytes);
  }
  return {
    compatibilityDate: manifest.compatibility_date,
    compatibilityFlags: flagsOf(manifest),
    mainModule: name,
    modules: given,
    env: {
      ...secrets,
      ...manifest.vars,
      ...bindingsIn(manifest, binding),
      ...(manifest.services && { [SERVICES]: manifest.services.map((service) => service.binding) }),
      [LIMITS]: limitsOf(manifest),
      ...(log !== undefined && { [LOG_BINDING]: log }),
      ...(open && { [OPEN]: open }),
      ...(cache !== undefined && { [CACHE_BINDING]: cache }),
    },
    ...(outbound !== undefined && { globalOutbound: outbound }),
  };
}

function bindingsIn(manifest: Manifest, stubOf: CellBindings['binding']): Record<string, unknown> {
  const bindings = bindingsOf(manifest);
  if (bindings.length === 0) return {};
  return {
    [BINDINGS]: bindings.map(({ scope: _scope, ...told }) => told),
    ...(stubOf && Object.fromEntries(bindings.map((spec) => [STUB_PREFIX + spec.name, stubOf(spec)]))),
  };
}

function flagsOf({ compatibility_flags: asked }: Manifest): string[] {
  const flags = new Set(asked);
  for (const flag of FLAGS) if (!flags.has(OPPOSITES[flag] ?? '')) flags.add(flag);
  if (!flags.has('nodejs_compat') && !flags.has('nodejs_compat_v2')) flags.add('nodejs_als');
  return [...flags];
}

function freeName(modules: Readonly<Record<string, Module>>): string {
  let name = 'brink-cell.js';
  for (let number = 1; Object.hasOwn(modules, name); number++) name = `brink-cell-${number}.js`;
  return name;
}
