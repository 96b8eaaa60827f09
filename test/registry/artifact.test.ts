import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import {
  ARTIFACT_MAX_BYTES,
  canonicalJson,
  checkModuleName,
  decodeArtifact,
  digestOf,
  encodeArtifact,
  type Artifact,
  type ModuleType,
} from '../../host/registry/artifact.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { FULL, MINIMAL } from './manifest-cases.ts';

const utf8 = new TextEncoder();
const MAIN = 'index.js';

const SAMPLE: Artifact = {
  manifest: FULL,
  mainModule: MAIN,
  modules: {
    [MAIN]: { type: 'js', bytes: utf8.encode('export default {}') },
    'assets/a.bin': { type: 'data', bytes: new Uint8Array([0, 255]) },
    'é.txt': { type: 'text', bytes: new Uint8Array() },
  },
};

/** An archive with this header and these bytes after it, whatever they are. */
function archive(header: unknown, body: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const json = typeof header === 'string' ? utf8.encode(header) : utf8.encode(canonicalJson(header));
  const out = new Uint8Array(12 + json.byteLength + body.byteLength);
  out.set(utf8.encode('BRINK\x00\x00\x01'));
  new DataView(out.buffer).setUint32(8, json.byteLength, true);
  out.set(json, 12);
  out.set(body, 12 + json.byteLength);
  return out;
}

function codeOf(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    decodeArtifact(bytes);
    return 'taken';
  } catch (error) {
    if (error instanceof BrinkError) return error.code;
    throw error;
  }
}

describe('the canonical form', () => {
  const segment = fc.stringMatching(/^[a-z0-9_.-]{1,8}$/).filter((text) => !/^\.+$/.test(text));
  const name = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const type = fc.constantFrom<ModuleType>('js', 'wasm', 'text', 'data', 'json', 'map');
  const modules = fc.dictionary(name, fc.record({ type, bytes: fc.uint8Array({ maxLength: 64 }) }), { maxKeys: 6 });

  it('decodes to what was encoded, and encodes again to the same bytes', () => {
    fc.assert(
      fc.property(modules, fc.uint8Array(), (others, main) => {
        const artifact = { ...SAMPLE, modules: { ...others, [MAIN]: { type: 'js', bytes: new Uint8Array(main) } } } as Artifact;
        const decoded = decodeArtifact(encodeArtifact(artifact));
        expect({ ...decoded, modules: { ...decoded.modules } }).toEqual(artifact);
        expect(encodeArtifact(decoded)).toEqual(encodeArtifact(artifact));
      }),
    );
  });

  it('does not depend on the order of keys', async () => {
    const turned = (value: object) => Object.fromEntries(Object.entries(value).toReversed());
    const other = { modules: turned(SAMPLE.modules), mainModule: MAIN, manifest: turned(FULL) } as unknown as Artifact;
    expect(encodeArtifact(other)).toEqual(encodeArtifact(SAMPLE));
    expect(await digestOf(encodeArtifact(other))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has a digest of its own for each change of a module, its name, its type or the manifest', async () => {
    const main = SAMPLE.modules[MAIN]!;
    const variants: Artifact[] = [
      SAMPLE,
      { ...SAMPLE, modules: { [MAIN]: main } },
      { ...SAMPLE, modules: { ...SAMPLE.modules, 'assets/a.bin': { type: 'text', bytes: SAMPLE.modules['assets/a.bin']!.bytes } } },
      { ...SAMPLE, modules: { ...SAMPLE.modules, [MAIN]: { type: 'js', bytes: utf8.encode('export default []') } } },
      { ...SAMPLE, manifest: parseManifest({ ...FULL, vars: {} }) },
    ];
    const digests = await Promise.all(variants.map((artifact) => digestOf(encodeArtifact(artifact))));
    expect(new Set(digests).size).toBe(variants.length);
  });
});

describe('a damaged upload', () => {
  const whole = encodeArtifact(SAMPLE);

  it('is refused wherever it was cut off', () => {
    for (let length = 0; length < whole.byteLength; length++) expect(codeOf(whole.slice(0, length))).toBe('artifact-invalid');
  });

  it('is refused with bytes after its end', () => {
    expect(codeOf(new Uint8Array([...whole, 0]))).toBe('artifact-invalid');
  });

  it('with any byte changed is refused, or is another artifact in its own canonical form', async () => {
    const digest = await digestOf(whole);
    for (let at = 0; at < whole.byteLength; at++) {
      for (const bit of [1, 32, 128]) {
        const changed = whole.slice();
        changed[at]! ^= bit;
        if (codeOf(changed) !== 'taken') continue;
        expect(encodeArtifact(decodeArtifact(changed))).toEqual(changed);
        expect(await digestOf(changed)).not.toBe(digest);
      }
    }
  });

  it('of random bytes is refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => codeOf(new Uint8Array(bytes)) === 'artifact-invalid'));
  });

  it('over the limit is refused before it is read', () => {
    expect(codeOf(new Uint8Array(ARTIFACT_MAX_BYTES + 1))).toBe('artifact-too-large');
  });
});

describe('a forged header', () => {
  const manifest = parseManifest(MINIMAL);
  const main = { name: MAIN, size: 0, type: 'js' };
  const header = { mainModule: MAIN, manifest, modules: [main] };
  const json = canonicalJson(header);

  it('is taken where nothing is wrong with it', () => {
    expect(codeOf(archive(header))).toBe('taken');
  });

  it.each<[what: string, header: unknown, code: string]>([
    ['no JSON', '{', 'artifact-invalid'],
    ['null', null, 'artifact-invalid'],
    ['a list', [], 'artifact-invalid'],
    ['bytes that are no UTF-8', '\ud800', 'artifact-invalid'],
    ['spaces', json.replace('{', '{ '), 'artifact-invalid'],
    ['a byte order mark', `\uFEFF${json}`, 'artifact-invalid'],
    ['a key twice', json.replace('{', '{"mainModule":"x.js",'), 'artifact-invalid'],
    ['unsorted keys', JSON.stringify({ modules: [main], manifest, mainModule: MAIN }), 'artifact-invalid'],
    ['a key more', { ...header, extra: 1 }, 'artifact-invalid'],
    ['no manifest', { mainModule: MAIN, modules: [main] }, 'artifact-invalid'],
    ['no modules', { ...header, modules: [] }, 'artifact-invalid'],
    ['modules of no list', { ...header, modules: { 0: main } }, 'artifact-invalid'],
    ['a module that is null', { ...header, modules: [null] }, 'artifact-invalid'],
    ['a module of unknown type', { ...header, modules: [{ ...main, type: 'exe' }] }, 'artifact-invalid'],
    ['a module with a key more', { ...header, modules: [{ ...main, mode: 7 }] }, 'artifact-invalid'],
    ['a negative size', { ...header, modules: [{ ...main, size: -1 }] }, 'artifact-invalid'],
    ['a size that is no integer', { ...header, modules: [{ ...main, size: 0.5 }] }, 'artifact-invalid'],
    ['a size beyond the end', { ...header, modules: [{ ...main, size: 2 ** 52 }] }, 'artifact-invalid'],
    ['a main module that is not there', { ...header, mainModule: 'other.js' }, 'artifact-invalid'],
    ['a main module named as a method of objects', { ...header, mainModule: 'constructor' }, 'artifact-invalid'],
    ['a main module that is no code', { ...header, modules: [{ ...main, type: 'text' }] }, 'artifact-invalid'],
    ['a module twice', { ...header, modules: [main, main] }, 'artifact-invalid'],
    ['unsorted modules', { ...header, modules: [main, { ...main, name: 'a.js' }] }, 'artifact-invalid'],
    ['a module outside of it', { ...header, modules: [{ ...main, name: '../a.js' }, main] }, 'module-name-invalid'],
    ['a manifest of the wrong type', { ...header, manifest: 5 }, 'manifest-invalid'],
    ['a manifest with an unknown key', { ...header, manifest: { ...manifest, x: 1 } }, 'manifest-unknown-key'],
    [
      'a manifest with a binding that is not built yet',
      { ...header, manifest: { ...manifest, workflows: [{ binding: 'B' }] } },
      'binding-unsupported',
    ],
    ['a manifest that leaves defaults out', { ...header, manifest: MINIMAL }, 'artifact-invalid'],
    ['a manifest with a route in another spelling', { ...header, manifest: { ...manifest, routes: ['A.com/*'] } }, 'artifact-invalid'],
    ['a name that is no DNS label', { ...header, manifest: { ...manifest, name: '../x' } }, 'name-invalid'],
  ])('is refused with %s', (_what, forged, code) => {
    // A lone surrogate would be replaced on its way to UTF-8, so bytes that are none are put in by hand.
    const bytes = archive(forged);
    if (forged === '\ud800') bytes[12] = 0xff;
    expect(codeOf(bytes)).toBe(code);
  });

  it('is refused with a length beyond the end', () => {
    const bytes = archive(header);
    new DataView(bytes.buffer).setUint32(8, 0xffff_ffff, true);
    expect(codeOf(bytes)).toBe('artifact-invalid');
  });
});

describe('module names', () => {
  it.each(['a.js', 'lib/a.js', 'assets/0123-a b.txt', '.hidden', '...', 'ü.js', '__proto__', 'a'.repeat(512)])('may be %.40s', (name) => {
    expect(() => checkModuleName(name)).not.toThrow();
  });

  it.each([
    '',
    '/',
    '/etc/passwd',
    '..',
    '../a.js',
    'a/../../b.js',
    'a/..',
    './a.js',
    'a/./b',
    'a//b',
    'a/',
    '\\a',
    'a\\..\\b',
    'C:\\a',
    'c:/a',
    'file:///etc/passwd',
    'node:fs',
    'https://a/b.js',
    'data:text/javascript,1',
    'a\0.js',
    'a\n.js',
    'a?b',
    'a#b',
    '%2e%2e/a',
    'a'.repeat(513),
  ])('may not be %j', (name) => {
    expect(() => checkModuleName(name)).toThrow(expect.objectContaining({ code: 'module-name-invalid' }) as BrinkError);
  });
});
