import { existsSync } from 'node:fs';
import type { StaticFunction } from '../platforms/workerd/static.ts';
import { connect, type HostFlags } from './connection.ts';
import type { Output } from './output.ts';
import { parseReference } from './reference.ts';
import { readSource } from './source.ts';

/** What `deploy --static` puts into the host Worker: a folder or a file is built, any other name is asked of a host. */
export function staticFunctions(places: readonly string[], flags: HostFlags, output: Output): Promise<StaticFunction[]> {
  return Promise.all(places.map((place) => (existsSync(place) ? ofSource(place, output) : ofHost(place, flags))));
}

async function ofSource(place: string, output: Output): Promise<StaticFunction> {
  const [{ name, artifact }, { probe }] = await Promise.all([readSource(place, output), import('../platforms/node/engine.ts')]);
  return { name, version: 1, artifact, handlers: await probe(artifact, { startupTimeout: 5_000, secrets: {} }) };
}

async function ofHost(text: string, flags: HostFlags): Promise<StaticFunction> {
  const { client } = connect(flags);
  const { name, reference } = parseReference(text);
  const alias = reference ?? 'live';
  const version = await client.version(name, alias);
  const { decodeArtifact } = await import('../registry/artifact.ts');
  return {
    name,
    version: version.number,
    artifact: decodeArtifact(await client.artifact(name, version.number)),
    handlers: version.handlers,
  };
}
