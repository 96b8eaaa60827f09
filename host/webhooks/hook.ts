import type { LoadedVersion } from '../dispatch/cell.ts';
import type { ManifestWebhook } from '../registry/manifest.ts';

/** A webhook of a version. */
export interface Hook {
  readonly version: LoadedVersion;
  readonly settings: ManifestWebhook;
}

/** The one whose path a URL has; null where it has none of them. */
export function hookAt(version: LoadedVersion, target: string): Hook | null {
  const { webhooks } = version.manifest;
  if (webhooks === undefined) return null;
  const path = pathOf(target);
  const settings = webhooks.find((each) => each.path === path);
  return settings === undefined ? null : { version, settings };
}

/** Where its events come from, if they do not say it themselves. */
export function sourceOf({ version, settings }: Hook): string {
  return `/${version.function}${encodeURI(settings.path).replaceAll('%25', '%')}`;
}

function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  const query = url.indexOf('?', start);
  return start === -1 ? '/' : query === -1 ? url.slice(start) : url.slice(start, query);
}
