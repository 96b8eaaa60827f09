import { builtinModules } from 'node:module';
import type { ImportKind, OnResolveResult, Plugin } from 'esbuild';

const BARE: ReadonlySet<string> = new Set(builtinModules.filter((name) => !name.startsWith('_') && !name.startsWith('node:')));
const REQUIRED = 'required-node-module';
const EMAIL = 'cloudflare-email';
/** No more than data, which runtimes have where they send mail themselves: so each has it. */
const EMAIL_MODULE = 'export class EmailMessage { constructor(from, to, raw) { this.from = from; this.to = to; this.raw = raw; } }';
const ALL_FLAGS = ['nodejs_compat', 'nodejs_compat_v2', 'experimental:nodejs_compat_v2'];

/** The module of Node that an import means, as `node:fs`, or null. */
export function nodeModuleOf(specifier: string): string | null {
  if (specifier.startsWith('node:')) return specifier;
  return BARE.has(specifier) ? `node:${specifier}` : null;
}

/** Whether compatibility flags ask for all of Node's modules. */
export function asksForNode(flags: readonly string[]): boolean {
  return ALL_FLAGS.some((flag) => flags.includes(flag));
}

/**
 * Leaves the platform's own modules to it: `cloudflare:*` always, but for `cloudflare:email`; Node's where a compatibility flag asks for them.
 * Without the flag they are resolved as packages, so that a polyfill in `node_modules` is found, or not at all; but
 * `import('node:…')` is left to fail when it is called, if it is: packages for several platforms have that.
 */
export function platformModules(flags: readonly string[], alias: Readonly<Record<string, string>>): Plugin {
  const all = asksForNode(flags);
  const allowed = (name: string) => all || (name === 'node:async_hooks' && flags.includes('nodejs_als'));
  return {
    name: 'platform-modules',
    setup(build) {
      build.onResolve({ filter: /^cloudflare:email$/ }, ({ path }) => ({ path, namespace: EMAIL }));
      build.onLoad({ filter: /.*/, namespace: EMAIL }, () => ({ contents: EMAIL_MODULE, loader: 'js' }));
      build.onResolve({ filter: /^(?:cloudflare|workerd):/ }, ({ path, kind, namespace }) => leftOut(path, kind, namespace));
      build.onResolve({ filter: /^[a-z_:/0-9@.-]+$/ }, ({ path, kind, namespace }) => {
        const name = nodeModuleOf(alias[path] ?? path);
        if (name === null) return undefined;
        if (!allowed(name)) return kind === 'dynamic-import' && path.startsWith('node:') ? { path, external: true } : undefined;
        const left = leftOut(name, kind, namespace);
        return left.external === true ? { ...left, sideEffects: false } : left;
      });
      build.onLoad({ filter: /.*/, namespace: REQUIRED }, ({ path }) => ({
        contents: `import ${path.startsWith('node:') ? 'value' : '* as value'} from ${JSON.stringify(path)}; module.exports = value;`,
        loader: 'js',
      }));
    },
  };
}

/** `require` of an external module would fail at run time: it gets a module that imports it. */
function leftOut(path: string, kind: ImportKind, namespace: string): OnResolveResult {
  return kind === 'require-call' && namespace !== REQUIRED ? { path, namespace: REQUIRED } : { path, external: true };
}
