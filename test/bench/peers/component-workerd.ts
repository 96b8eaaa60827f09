import { Miniflare } from 'miniflare';
import { buildFunction } from '../../../host/build/build.ts';
import { readConfig } from '../../../host/build/config.ts';
import type { Module } from '../../../host/registry/artifact.ts';
import { guestPath, settingsFor, type Isolation } from '../components.ts';

/** A component's artifact as a Worker of its own, without a host in front. */
const [guest, isolation] = process.argv.slice(2) as [string, Isolation];
const config = await readConfig(guestPath(guest));
const { artifact } = await buildFunction({ ...config, manifest: { ...config.manifest, component: settingsFor(isolation) } });
const miniflare = new Miniflare({
  host: '127.0.0.1',
  port: 0,
  workers: [
    {
      config: {
        name: 'component',
        compatibilityDate: '2026-01-01',
        manifest: {
          mainModule: artifact.mainModule,
          modules: Object.fromEntries(Object.entries(artifact.modules).map(([name, module]) => [name, workerModule(module)])),
        },
      },
      dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
    },
  ],
});
await miniflare.ready;
process.send!({ port: Number((await miniflare.unsafeGetDirectURL('component')).port) });

function workerModule({ type, bytes }: Module): { type: 'esm'; contents: string } | { type: 'wasm'; contents: Uint8Array<ArrayBuffer> } {
  if (type === 'wasm') return { type: 'wasm', contents: bytes };
  const text = new TextDecoder().decode(bytes);
  return { type: 'esm', contents: type === 'json' ? `export default ${text};` : text };
}
