import type { ShadowMark } from '../registry/shadow-record.ts';
import type { LoadedVersion } from './cell.ts';

/** Made once for each, since cells go by the object. */
const made = new WeakMap<LoadedVersion, Map<string, LoadedVersion>>();

/** A version as a shadow: in cells of its own, which keep their writes off. */
export function shadowOf(version: LoadedVersion, mark: ShadowMark): LoadedVersion {
  const name = `${mark.function}.${mark.id}.${mark.side}`;
  let all = made.get(version);
  if (all === undefined) made.set(version, (all = new Map()));
  let shadow = all.get(name);
  if (shadow === undefined) {
    const { artifact } = version;
    all.set(name, (shadow = { ...version, artifact: `${artifact}/shadow/${name}`, partOf: artifact, shadow: mark }));
  }
  return shadow;
}
