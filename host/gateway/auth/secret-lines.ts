import type { LoadedVersion } from '../../dispatch/cell.ts';
import { unavailable } from './scheme.ts';

/** The function's secret of a name, read once for the version. */
export function secretOf(version: LoadedVersion, name: string): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    if (known !== undefined) return known;
    const secrets = await version.secrets();
    if (!Object.hasOwn(secrets, name)) throw unavailable(`the secret ${name} of ${version.function} is not set (brink secret put)`);
    return (known = secrets[name]!);
  };
}

/** A secret of lines `name:value`: the values of each name, of which there may be several while one is being replaced. */
export function linesOf(version: LoadedVersion, name: string): () => Promise<ReadonlyMap<string, readonly string[]>> {
  const text = secretOf(version, name);
  let known: ReadonlyMap<string, readonly string[]> | undefined;
  return async () => (known ??= parsed(await text()));
}

function parsed(text: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 1 || line.startsWith('#')) continue;
    const name = line.slice(0, colon);
    values.set(name, [...(values.get(name) ?? []), line.slice(colon + 1)]);
  }
  return values;
}
