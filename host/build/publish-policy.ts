import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { BrinkError } from '../errors.ts';
import { encodeArtifact } from '../registry/artifact.ts';
import { parseManifest } from '../registry/parse-manifest.ts';
import { policyModules } from './policies.ts';

export interface PublishPolicySource {
  /** A compiled policy, or a bundle as `opa build -t wasm` writes it: `policy.wasm`, `bundle.tar.gz`. */
  readonly file: string;
  readonly entrypoint?: string | undefined;
  /** A JSON file that it finds as `data`; of a bundle its own where there is none. */
  readonly data?: string | undefined;
  readonly dryRun: boolean;
}

const MAIN = 'index.js';
const MAX_BUNDLE = 64 * 2 ** 20;
const utf8 = new TextEncoder();

/** A policy as the artifact that a host takes for it. @throws {BrinkError} `config-invalid`, `build-failed`, `manifest-invalid` */
export async function buildPublishPolicy({ file, entrypoint, data, dryRun }: PublishPolicySource): Promise<Uint8Array<ArrayBuffer>> {
  const bundle = /\.(tar\.gz|tgz)$/.test(file) ? await readBundle(file) : null;
  const wasm = bundle === null ? await read(file) : bundle.wasm;
  const json = data === undefined ? (bundle?.data ?? null) : await read(data);
  const dir = await mkdtemp(join(tmpdir(), 'brink-policy-'));
  try {
    const module = bundle === null ? nameOf(file, '.wasm') : 'policy.wasm';
    const named = json === null ? null : data === undefined ? 'data.json' : nameOf(data, '.json');
    await writeFile(join(dir, module), wasm);
    if (named !== null) await writeFile(join(dir, named), json!);
    const policy = { module, ...(entrypoint !== undefined && { entrypoint }), ...(named !== null && { data: named }), dry_run: dryRun };
    const manifest = parseManifest({ name: 'publish-policy', compatibility_date: '2026-01-01', gateway: [{ policy }] }, 'The policy');
    const modules = await policyModules({ dir, file: null, manifest } as Parameters<typeof policyModules>[0]);
    const main = { type: 'js', bytes: utf8.encode('export default {};\n') } as const;
    return encodeArtifact({ manifest, mainModule: MAIN, modules: { [MAIN]: main, ...modules } });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What a policy may be called in a manifest. */
function nameOf(file: string, extension: string): string {
  const name = basename(file).replace(/[^\w.-]/g, '-');
  return /^\w/.test(name) && name.endsWith(extension) ? name : `policy${extension}`;
}

async function readBundle(file: string): Promise<{ readonly wasm: Uint8Array; readonly data: Uint8Array | null }> {
  const packed = await read(file);
  const bytes = await promisify(gunzip)(packed, { maxOutputLength: MAX_BUNDLE }).catch((cause: unknown) => {
    throw failed(file, 'is no bundle: it is not packed with gzip, or has more than 64 MiB', cause);
  });
  const files = filesOf(bytes);
  const wasm = files.get('policy.wasm');
  if (wasm === undefined) throw failed(file, 'has no policy.wasm; make it with `opa build -t wasm -e brink/allow`');
  return { wasm, data: files.get('data.json') ?? null };
}

/** The files of a tar by their names, without a slash before them. POSIX.1-2017, pax, ustar Interchange Format. */
function filesOf(tar: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = new TextDecoder();
  const field = (at: number, length: number) => text.decode(tar.subarray(at, at + length)).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = parseInt(field(at + 124, 12).trim(), 8) || 0;
    files.set(field(at, 100).replace(/^(\.?\/)+/, ''), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

async function read(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause: unknown) => {
    throw new BrinkError('config-invalid', `${file} cannot be read. Check that it is a file, and its permissions.`, {
      cause,
      details: { file },
    });
  });
}

function failed(file: string, why: string, cause?: unknown): BrinkError {
  return new BrinkError('build-failed', `${file} ${why}.`, { cause, details: { file } });
}
