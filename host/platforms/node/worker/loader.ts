import { registerHooks, type LoadHookSync, type ResolveHookSync } from 'node:module';
import { MODULE_SCHEME, type CellModule } from './data.ts';
import { limitedModule, OWN_MODULES } from './node-modules.ts';

/** Modules that are values and not source; only ours may import what hands them over. */
const ASSET_SCHEME = 'brink-asset:///';
const HOST_SCHEME = 'brink-host:';

const json = new TextDecoder();

export interface LoaderOptions {
  readonly modules: Readonly<Record<string, CellModule>>;
  readonly nodejsCompat: boolean;
  /** `node:async_hooks` alone. */
  readonly nodejsAls: boolean;
  /** Exports of `cloudflare:workers` and, with `nodejs_compat`, of `node:process`. */
  readonly hostModules: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Makes `import` of the function's modules find those of its artifact, and nothing else. */
export function installLoader({ modules, nodejsCompat, nodejsAls, hostModules }: LoaderOptions): void {
  // Source that we write for a module whose exports are objects reads them from here; the author's code has no way to it.
  const handOver = new Map<string, unknown>();
  Object.defineProperty(globalThis, HAND_OVER, { value: handOver });

  const limited = new Map<string, Readonly<Record<string, unknown>>>();

  const resolve: ResolveHookSync = (specifier, context, next) => {
    const parent = context.parentURL ?? '';
    if (specifier.startsWith(MODULE_SCHEME) && !parent.startsWith(MODULE_SCHEME)) return found(specifier);
    if (!parent.startsWith(MODULE_SCHEME)) return next(specifier, context);
    if (/^\.{0,2}\//.test(specifier)) {
      const name = decodeURIComponent(new URL(specifier, parent).pathname.slice(1));
      const module = Object.hasOwn(modules, name) ? modules[name] : undefined;
      if (module === undefined) throw new CannotFind(`Cannot find module "${name}", imported by ${parent.slice(MODULE_SCHEME.length)}.`);
      return found((module.type === 'js' ? MODULE_SCHEME : ASSET_SCHEME) + name);
    }
    if (Object.hasOwn(hostModules, specifier)) return found(HOST_SCHEME + specifier);
    if (specifier.startsWith('node:')) {
      if (!nodejsCompat && !(nodejsAls && specifier === 'node:async_hooks')) throw new CannotFind(withoutFlag(specifier));
      const exports = limitedModule(specifier);
      if (exports !== undefined) {
        limited.set(specifier, exports);
        return found(HOST_SCHEME + specifier);
      }
      if (OWN_MODULES.has(specifier)) return next(specifier, context);
    }
    throw new CannotFind(`Cannot import "${specifier}" in ${parent.slice(MODULE_SCHEME.length)}: ${whyNot(specifier)}.`);
  };

  const load: LoadHookSync = (url, context, next) => {
    if (url.startsWith(MODULE_SCHEME))
      return source((modules[url.slice(MODULE_SCHEME.length)] as { bytes: Uint8Array<ArrayBuffer> }).bytes);
    if (url.startsWith(ASSET_SCHEME)) {
      handOver.set(url, assetOf(modules[url.slice(ASSET_SCHEME.length)]!));
      return source(`${take(url)};export default value`);
    }
    if (url.startsWith(HOST_SCHEME)) {
      const name = url.slice(HOST_SCHEME.length);
      const exports = hostModules[name] ?? limited.get(name)!;
      handOver.set(url, exports);
      const names = Object.keys(exports).map((each) =>
        each === 'default' ? 'export default value.default' : `export const ${each}=value.${each}`,
      );
      return source([take(url), ...names].join(';'));
    }
    return next(url, context);
  };

  registerHooks({ resolve, load });
}

class CannotFind extends Error {
  override name = 'ModuleNotFound';
}

const HAND_OVER = Symbol.for('brink.handOver');

/** The value is there for its own module only, while that is evaluated. */
function take(url: string): string {
  const key = JSON.stringify(url);
  return `const held=globalThis[Symbol.for('brink.handOver')],value=held.get(${key});held.delete(${key})`;
}

function found(url: string): { url: string; shortCircuit: true } {
  return { url, shortCircuit: true };
}

function source(text: string | Uint8Array<ArrayBuffer>): {
  format: 'module';
  source: string | Uint8Array<ArrayBuffer>;
  shortCircuit: true;
} {
  return { format: 'module', source: text, shortCircuit: true };
}

function assetOf(module: CellModule): unknown {
  switch (module.type) {
    case 'wasm':
      return module.module;
    case 'data':
      return module.bytes.slice().buffer;
    case 'json':
      return JSON.parse(json.decode(module.bytes)) as unknown;
    case 'text':
    case 'js':
      return json.decode(module.bytes);
  }
}

function withoutFlag(specifier: string): string {
  return `Cannot import "${specifier}" without the compatibility flag nodejs_compat. Add compatibility_flags = ["nodejs_compat"].`;
}

function whyNot(specifier: string): string {
  if (/^(?:cloudflare|workerd):/.test(specifier)) return 'workerd alone has it; run the function there, or without it';
  return 'it is neither in the artifact nor given by the host';
}
