import { readFile, realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { parseDocument } from 'yaml';
import { BrinkError } from '../errors.ts';
import { checkSize, parseOpenApi, readOpenApi, type ReadOpenApi } from '../openapi/read.ts';
import type { Module } from '../registry/artifact.ts';
import { OPENAPI_MODULE } from '../registry/openapi.ts';
import type { Config } from './config.ts';

export interface OpenApiModules {
  readonly modules: Readonly<Record<string, Module>>;
  readonly warnings: readonly string[];
}

/** Aliases of YAML that are followed: a few lines of them can be gigabytes. */
const MAX_ALIASES = 1_000;

/** The file that the OpenAPI document of a function is read from: its absolute path. */
export function openApiFiles({ dir, manifest }: Pick<Config, 'dir' | 'manifest'>): string[] {
  const { file } = manifest.openapi ?? {};
  return file === undefined ? [] : [resolve(dir, file)];
}

/**
 * What an artifact has for the OpenAPI document that its config names. One that a build makes by itself, of what a component
 * exports, goes the same way: into a module of this name and type.
 *
 * @throws {BrinkError} `config-invalid`, `openapi-invalid`
 */
export async function openApiModules(config: Config): Promise<OpenApiModules> {
  const { file } = config.manifest.openapi ?? {};
  if (file === undefined) return { modules: {}, warnings: [] };
  const { document, notes } = parse(await read(config, file), file);
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  checkSize(bytes.byteLength, file);
  return { modules: { [OPENAPI_MODULE]: { type: 'openapi', bytes } }, warnings: notes };
}

/** Links are followed, but lead nowhere outside of the function's folder. */
async function read({ dir, file }: Config, name: string): Promise<Uint8Array> {
  const path = await realpath(resolve(dir, name)).catch((cause: unknown) => {
    throw invalid(file, `the OpenAPI document ${name} is not there. Make the file, or correct its path.`, cause);
  });
  if (relative(dir, path).split(sep)[0] === '..')
    throw invalid(file, `the OpenAPI document ${name} lies outside of the function's folder. Put it there.`);
  return readFile(path);
}

function parse(bytes: Uint8Array, file: string): ReadOpenApi {
  if (file.endsWith('.json')) return parseOpenApi(bytes, file);
  checkSize(bytes.byteLength, file);
  const yaml = parseDocument(new TextDecoder().decode(bytes), { merge: true });
  const [error] = yaml.errors;
  if (error !== undefined) {
    const { line, col: column } = error.linePos?.[0] ?? { line: 1, col: 1 };
    throw new BrinkError('openapi-invalid', `${file}:${line}:${column} is no YAML: ${error.message}`, {
      cause: error,
      details: { pointer: '#', file, line, column },
    });
  }
  return readOpenApi(valueOf(yaml, file), file);
}

function valueOf(yaml: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return yaml.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new BrinkError('openapi-invalid', `${file}: # cannot be read: ${(cause as Error).message}.`, {
      cause,
      details: { pointer: '#', file },
    });
  }
}

function invalid(file: string | null, why: string, cause?: unknown): BrinkError {
  return new BrinkError('config-invalid', `${file ?? 'openapi'}: ${why}`, {
    cause,
    details: { key: 'openapi', ...(file !== null && { file }) },
  });
}
