import type { AdminClient } from '../../host/admin/client.ts';
import { encodeArtifact, type Artifact, type Module, type ModuleType } from '../../host/registry/artifact.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import type { HostEvent } from '../../host/observe/events.ts';

/** A running host, as a suite sees it: over HTTP alone, whatever it is made of. */
export interface TestHost {
  readonly platform: 'node' | 'workerd';
  readonly url: string;
  readonly token: string;
  /** Where it takes mail, if it does. */
  readonly smtpUrl?: string | undefined;
  readonly admin: AdminClient;
  /** Every event so far, oldest first. */
  readonly events: readonly HostEvent[];
  stop(): Promise<void>;
}

/** Servers of tests are on this machine, where no function gets to unless it is opened. */
export const OWN_MACHINE = { open: ['127.0.0.0/8', '::1'] };

export type OpenHost = () => Promise<TestHost>;

/** An artifact of modules as they are; names decide their types. */
export function artifactOf(name: string, modules: Record<string, string | Uint8Array>, manifest: Record<string, unknown> = {}): Artifact {
  const entries = Object.entries(modules).map(([module, content]): [string, Module] => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
    return [module, { type: typeOf(module), bytes }];
  });
  return {
    manifest: parseManifest({ name, compatibility_date: '2026-01-01', ...manifest }),
    mainModule: entries[0]![0],
    modules: Object.fromEntries(entries),
  };
}

/** Publishes a function whose main module is `source`; its name is new each time unless given. */
export async function publish(
  host: TestHost,
  source: string,
  {
    name = freshName(),
    alias,
    manifest,
    modules = {},
  }: { name?: string; alias?: string; manifest?: Record<string, unknown>; modules?: Record<string, string | Uint8Array> } = {},
): Promise<{ name: string; version: number; digest: string; url: string }> {
  const bytes = encodeArtifact(artifactOf(name, { 'index.js': source, ...modules }, manifest));
  const { version, digest } = await host.admin.publish(name, bytes, { ...(alias !== undefined && { alias }) });
  return { name, version, digest, url: `${host.url}/${name}/` };
}

let names = 0;

export function freshName(): string {
  return `fn-${++names}-${Math.random().toString(36).slice(2, 8)}`;
}

/** Polls until `check` gives a value. What comes at once on a quiet machine may take many times as long on a busy one. */
export async function eventually<Value>(check: () => Value | undefined | Promise<Value | undefined>, within = 20_000): Promise<Value> {
  const end = performance.now() + within;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new Error(`It did not happen within ${within} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function typeOf(name: string): ModuleType {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const types: Record<string, ModuleType> = { js: 'js', wasm: 'wasm', txt: 'text', html: 'text', bin: 'data', json: 'json', map: 'map' };
  return types[extension] ?? 'data';
}
