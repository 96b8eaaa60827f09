import type { ManifestComponent } from '../../registry/manifest.ts';

/** How instances are used: `[component]` of a manifest, for the runtime. */
export interface ServeSettings {
  readonly isolation: 'request' | 'instance';
  /** Pages of 64 KiB that each memory may have. */
  readonly maxPages: number;
  readonly maxRequests: number;
  readonly maxConcurrent: number;
  readonly maxHandles: number;
}

const PAGES_PER_MIB = 16;

export function settingsOf(manifest: ManifestComponent): ServeSettings {
  return {
    isolation: manifest.isolation,
    maxPages: manifest.memory_mb * PAGES_PER_MIB,
    maxRequests: manifest.max_requests,
    maxConcurrent: manifest.max_concurrent,
    maxHandles: manifest.max_handles,
  };
}
