import type { Manifest } from '../registry/manifest.ts';
import { asksForNode } from './node-builtins.ts';

/**
 * Modules of Node that workerd gives from a date on, and the flag that gives them before.
 * https://developers.cloudflare.com/workers/configuration/compatibility-flags/
 */
const SINCE: Readonly<Record<string, readonly [flag: string, date: string]>> = {
  http: ['enable_nodejs_http_modules', '2025-08-15'],
  https: ['enable_nodejs_http_modules', '2025-08-15'],
  http2: ['enable_nodejs_http2_module', '2025-09-01'],
  fs: ['enable_nodejs_fs_module', '2025-09-15'],
  os: ['enable_nodejs_os_module', '2025-09-15'],
  process: ['enable_nodejs_process_v2', '2025-09-15'],
  console: ['enable_nodejs_console_module', '2025-09-21'],
  vm: ['enable_nodejs_vm_module', '2025-10-01'],
  cluster: ['enable_nodejs_cluster_module', '2025-12-04'],
  domain: ['enable_nodejs_domain_module', '2025-12-04'],
  punycode: ['enable_nodejs_punycode_module', '2025-12-04'],
  trace_events: ['enable_nodejs_trace_events_module', '2025-12-04'],
  wasi: ['enable_nodejs_wasi_module', '2025-12-04'],
  dgram: ['enable_nodejs_dgram_module', '2026-01-29'],
  inspector: ['enable_nodejs_inspector_module', '2026-01-29'],
  sqlite: ['enable_nodejs_sqlite_module', '2026-01-29'],
  child_process: ['enable_nodejs_child_process_module', '2026-03-17'],
  perf_hooks: ['enable_nodejs_perf_hooks_module', '2026-03-17'],
  readline: ['enable_nodejs_readline_module', '2026-03-17'],
  repl: ['enable_nodejs_repl_module', '2026-03-17'],
  tty: ['enable_nodejs_tty_module', '2026-03-17'],
  v8: ['enable_nodejs_v8_module', '2026-03-17'],
  worker_threads: ['enable_nodejs_worker_threads_module', '2026-03-17'],
};

/**
 * The flags that a bundle needs beside those of its manifest, so that what it imports of Node is there whatever its
 * date. wrangler bundles polyfills for that; the platform's own modules do more and weigh nothing.
 *
 * @param imported specifiers of modules that the bundle leaves to the platform
 */
export function neededFlags(imported: Iterable<string>, manifest: Manifest): string[] {
  const { compatibility_flags: asked, compatibility_date: date } = manifest;
  if (!asksForNode(asked)) return [];
  const needed = [...imported].flatMap((specifier) => {
    const [flag, since] = SINCE[/^node:([^/]+)/.exec(specifier)?.[1] ?? ''] ?? [];
    return flag === undefined || date >= since! || asked.includes(flag.replace(/^enable/, 'disable')) ? [] : [flag];
  });
  return [...new Set(needed)].filter((flag) => !asked.includes(flag)).sort();
}
