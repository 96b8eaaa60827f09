import type { LoadedVersion } from '../dispatch/cell.ts';
import { BrinkError } from '../errors.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import { parseOpenApi, type ReadOpenApi } from '../openapi/read.ts';
import { digestOf, type Artifact } from './artifact.ts';
import type { Readiness } from './readiness.ts';
import type { VersionOpenApi } from './record.ts';

/**
 * The module, of the type `openapi`, in which a build puts the document of a function: that of a file which its config names, or one
 * which it has made itself of what a component exports.
 */
export const OPENAPI_MODULE = 'openapi/document.json';

/** A document as it is kept. */
export interface FoundOpenApi {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly facts: VersionOpenApi;
  readonly notes: readonly string[];
}

/**
 * The document of what is about to be a version: the one that its artifact has, or else the one that it gives itself where its
 * manifest says so. null where it has none.
 *
 * @param ask what the version answers at its path
 * @throws {BrinkError} `openapi-invalid`, `openapi-failed`
 */
export async function findOpenApi(artifact: Artifact, ask: () => Promise<Uint8Array>): Promise<FoundOpenApi | null> {
  const found = await find(artifact, ask);
  const { breaking = 'warn' } = artifact.manifest.openapi ?? {};
  return found === null || breaking === 'warn' ? found : { ...found, facts: { ...found.facts, breaking } };
}

async function find({ manifest, modules }: Artifact, ask: () => Promise<Uint8Array>): Promise<FoundOpenApi | null> {
  const declared = Object.values(modules).find(({ type }) => type === 'openapi');
  const { file, path } = manifest.openapi ?? {};
  if (path !== undefined) return kept(parseOpenApi(await ask(), path), 'function');
  if (declared !== undefined) return kept(parseOpenApi(declared.bytes, file ?? OPENAPI_MODULE), file === undefined ? 'component' : 'file');
  if (file === undefined) return null;
  throw new BrinkError(
    'artifact-invalid',
    `This is not an artifact whose OpenAPI document can be kept: its manifest names the file ${file}, and no module "${OPENAPI_MODULE}" is there. Make it with \`brink build\` or \`brink publish\`.`,
    { details: { module: OPENAPI_MODULE } },
  );
}

async function kept({ document, from, notes }: ReadOpenApi, source: VersionOpenApi['source']): Promise<FoundOpenApi> {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  return { bytes, facts: { digest: await digestOf(bytes), size: bytes.byteLength, source, from }, notes };
}

/** What was kept. */
export function openApiOf(bytes: Uint8Array): OpenApiDocument {
  return JSON.parse(new TextDecoder().decode(bytes)) as OpenApiDocument;
}

/** Asks a version that is not there yet, and leaves nothing of it behind where it fails. */
export async function askOrGone(readiness: Readiness | undefined, version: LoadedVersion): Promise<Uint8Array> {
  const { name, openapi } = version.manifest;
  if (readiness === undefined)
    throw new BrinkError(
      'unsupported',
      `${name} is asked for its OpenAPI document at ${openapi!.path!}, which this host cannot. Name a file.`,
    );
  try {
    return await readiness.openapi(version);
  } catch (error) {
    readiness.discard(version.artifact);
    throw error;
  }
}
