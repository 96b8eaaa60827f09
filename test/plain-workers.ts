import { Miniflare, type MiniflareOptions } from 'miniflare';
import { COMPATIBILITY } from '../host/platforms/workerd/build.ts';

type Config = NonNullable<MiniflareOptions['workers'][number]['config']>;

/** A Worker of one module, and what of Miniflare's own it has. */
export interface PlainWorker extends Pick<Config, 'name'>, Partial<Pick<Config, 'env' | 'exports' | 'triggers'>> {
  readonly source: string;
}

export interface PlainWorkers {
  /** Of the first one. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts plain Workers: what ours are compared with, on workerd as it is. */
export async function startPlainWorkers(
  workers: readonly [PlainWorker, ...PlainWorker[]],
  options: Pick<MiniflareOptions, 'handleStructuredLogs' | 'resourcePersistencePath'> = {},
): Promise<PlainWorkers> {
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    enableDevRegistry: false,
    telemetry: { enabled: false },
    ...options,
    workers: workers.map(({ source, ...config }) => ({
      config: {
        compatibilityDate: COMPATIBILITY.date,
        manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: source } } },
        ...config,
      },
      dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
    })),
  });
  await miniflare.ready;
  const { href } = await miniflare.unsafeGetDirectURL(workers[0].name);
  return { url: href, close: () => miniflare.dispose() };
}
