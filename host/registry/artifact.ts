import { BrinkError } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import { parseManifest } from './parse-manifest.ts';

/** What is published: Workers-shaped modules and a manifest. */
export interface Artifact {
  readonly manifest: Manifest;
  readonly mainModule: string;
  readonly modules: Readonly<Record<string, Module>>;
}

/** `map` is the source map (`application/json`) of the js or wasm module whose name it continues with `.map`; cells never see it. `openapi` is the function's OpenAPI document, which they do not see either. */
export type ModuleType = 'js' | 'wasm' | 'text' | 'data' | 'json' | 'map' | 'openapi';

export interface Module {
  readonly type: ModuleType;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The module in which a component's build says what the component is; see `ComponentView` of the admin API. */
export const COMPONENT_MODULE = 'component.json';

/** The module that the build puts beside the main module of a function written for another cloud. */
export const CLOUD_RUNTIMES = { lambda: 'lambda-runtime.js', gcf: 'gcf-runtime.js', azure: 'azure-runtime.js' } as const;

/** 64 MiB, the compressed-free sum of everything in an artifact. */
export const ARTIFACT_MAX_BYTES = 64 * 1024 * 1024;

const MAGIC = 'BRINK\x00\x00\x01';
const PREFIX_BYTES = 12;
const MODULE_TYPES: ReadonlySet<string> = new Set<ModuleType>(['js', 'wasm', 'text', 'data', 'json', 'map', 'openapi']);
const utf8 = new TextEncoder();
/** A byte order mark counts as what it is: a character that no canonical header begins with. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface Header {
  manifest: unknown;
  mainModule: string;
  modules: { name: string; type: ModuleType; size: number }[];
}

/**
 * The canonical form: magic (8 bytes), header length (u32, little-endian), header as JSON with sorted keys and
 * modules sorted by name, then the modules' bytes in that order. The same artifact has one encoding only.
 */
export function encodeArtifact(artifact: Artifact): Uint8Array<ArrayBuffer> {
  const names = Object.keys(artifact.modules).toSorted(byCodeUnit);
  const header: Header = {
    manifest: artifact.manifest,
    mainModule: artifact.mainModule,
    modules: names.map((name) => ({ name, type: artifact.modules[name]!.type, size: artifact.modules[name]!.bytes.byteLength })),
  };
  const json = utf8.encode(canonicalJson(header));
  const size = names.reduce((sum, name) => sum + artifact.modules[name]!.bytes.byteLength, PREFIX_BYTES + json.byteLength);
  const out = new Uint8Array(size);
  out.set(utf8.encode(MAGIC));
  new DataView(out.buffer).setUint32(8, json.byteLength, true);
  out.set(json, PREFIX_BYTES);
  let at = PREFIX_BYTES + json.byteLength;
  for (const name of names) {
    const { bytes } = artifact.modules[name]!;
    out.set(bytes, at);
    at += bytes.byteLength;
  }
  return out;
}

/**
 * Reads the canonical form and nothing else: what decodes, encodes to the same bytes.
 *
 * @throws {BrinkError} `artifact-invalid`, `artifact-too-large`, `module-name-invalid`, or what `parseManifest` throws
 */
export function decodeArtifact(bytes: Uint8Array<ArrayBuffer>): Artifact {
  if (bytes.byteLength > ARTIFACT_MAX_BYTES) throw tooLarge(bytes.byteLength);
  const { header, end } = readHeader(bytes);
  const modules: Record<string, Module> = Object.create(null) as Record<string, Module>;
  let at = end;
  let previous = '';
  for (const { name, type, size } of header.modules) {
    checkModuleName(name);
    if (previous !== '' && byCodeUnit(previous, name) >= 0) throw invalid(`its modules are not sorted, or "${name}" stands twice`);
    if (at + size > bytes.byteLength) throw invalid(`it ends inside module "${name}": the upload was cut off`);
    modules[name] = { type, bytes: bytes.subarray(at, at + size) };
    at += size;
    previous = name;
  }
  if (at !== bytes.byteLength) throw invalid(`${bytes.byteLength - at} bytes follow its last module`);
  if (modules[header.mainModule]?.type !== 'js') throw invalid(`its main module "${header.mainModule}" is not among its js modules`);
  const manifest = parseManifest(header.manifest);
  if (canonicalJson(manifest) !== canonicalJson(header.manifest))
    throw invalid('its manifest is not in canonical form (defaults written out)');
  return { manifest, mainModule: header.mainModule, modules };
}

/** The id of a version: SHA-256 over the canonical form, 64 hex digits. */
export async function digestOf(encoded: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', encoded));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * A module's name is a relative path of plain segments: no `..`, no leading `/`, no backslash, no control characters.
 *
 * @throws {BrinkError} `module-name-invalid`
 */
export function checkModuleName(name: string): void {
  const segments = name.split('/');
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  const plain = name.length <= 512 && !/[\\\x00-\x1f\x7f?#%]/.test(name) && !/^[a-z][a-z0-9+.-]*:/i.test(name);
  if (!plain || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new BrinkError(
      'module-name-invalid',
      `Module name ${JSON.stringify(name)} is not a relative path below the artifact. Use names such as "lib/a.js".`,
      {
        details: { name },
      },
    );
  }
}

/** JSON with sorted keys and no spaces: equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => byCodeUnit(a, b)))
      : inner,
  );
}

function readHeader(bytes: Uint8Array<ArrayBuffer>): { header: Header; end: number } {
  if (bytes.byteLength < PREFIX_BYTES || !utf8.encode(MAGIC).every((byte, index) => bytes[index] === byte)) {
    throw invalid('it does not begin as one. Make it with `brink build` or `brink publish`');
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  const end = PREFIX_BYTES + length;
  if (end > bytes.byteLength) throw invalid('it ends inside its header: the upload was cut off');
  let json: string;
  let header: unknown;
  try {
    json = strictUtf8.decode(bytes.subarray(PREFIX_BYTES, end));
    header = JSON.parse(json);
  } catch (cause) {
    throw invalid('its header is not JSON', cause);
  }
  if (!isHeader(header)) throw invalid('its header lacks manifest, mainModule or modules');
  if (canonicalJson(header) !== json) throw invalid('its header is not in canonical form (sorted keys, no spaces)');
  return { header, end };
}

function isHeader(value: unknown): value is Header {
  if (value === null || typeof value !== 'object') return false;
  const { mainModule, modules, ...rest } = value as Partial<Header>;
  return (
    typeof mainModule === 'string' &&
    Array.isArray(modules) &&
    modules.every(
      (module: unknown) =>
        module !== null &&
        typeof module === 'object' &&
        typeof (module as Header['modules'][number]).name === 'string' &&
        MODULE_TYPES.has((module as Header['modules'][number]).type) &&
        Number.isSafeInteger((module as Header['modules'][number]).size) &&
        (module as Header['modules'][number]).size >= 0 &&
        Object.keys(module).length === 3,
    ) &&
    Object.keys(rest).join() === 'manifest'
  );
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function invalid(why: string, cause?: unknown): BrinkError {
  return new BrinkError('artifact-invalid', `This is not an artifact: ${why}.`, { cause });
}

export function tooLarge(bytes: number): BrinkError {
  return new BrinkError(
    'artifact-too-large',
    `The artifact has ${bytes} bytes; at most ${ARTIFACT_MAX_BYTES} are taken. Leave large files out of the bundle.`,
    {
      details: { bytes, limit: ARTIFACT_MAX_BYTES },
    },
  );
}
