import { readFileSync } from 'node:fs';
import type { ManifestComponent } from '../../host/registry/manifest.ts';

export type Isolation = 'request' | 'instance';

/** Of a guest of the tests by its name, or of a component by its path. */
export function guestPath(guest: string): string {
  return guest.endsWith('.wasm') ? guest : new URL(`../component/guests/${guest}.wasm`, import.meta.url).pathname;
}

export function componentAt(guest: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(guestPath(guest)));
}

/** No instance is to be replaced while it is measured. */
export function settingsFor(isolation: Isolation): ManifestComponent {
  return { isolation, memory_mb: 128, max_requests: 1e9, max_concurrent: 64, max_handles: 1e8 };
}
