import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { policiesOf } from '../../host/registry/policies.ts';

const of = (policy: unknown) => parseManifest({ name: 'fn', gateway: [{ policy }] });

describe('a policy of a manifest', () => {
  it('gets the defaults of keys that are left out, and comes back from its own JSON', () => {
    const manifest = of({ module: 'p.wasm' });
    expect(manifest.gateway).toEqual([{ policy: { module: 'p.wasm', entrypoint: 'brink/allow', dry_run: false } }]);
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it('is each once, whichever blocks ask it, a route’s among them', () => {
    const manifest = parseManifest({
      name: 'fn',
      gateway: [{ policy: { module: 'p.wasm' } }, { policy: false }, { policy: { module: 'p.wasm', entrypoint: 'a/b' } }],
      routes: [{ pattern: 'example.com/*', gateway: { policy: { module: 'q.wasm', data: 'd.json' } } }],
    });
    expect(policiesOf(manifest)).toEqual([
      { module: 'p.wasm', entrypoints: ['brink/allow', 'a/b'] },
      { module: 'q.wasm', data: 'd.json', entrypoints: ['brink/allow'] },
    ]);
  });

  it.each([
    [{}, 'gateway[0].policy.module must be a string'],
    ['p.wasm', 'gateway[0].policy must be a table with module'],
    [{ module: 'p.rego' }, 'does not end in .wasm'],
    [{ module: '../p.wasm' }, 'is not a path below'],
    [{ module: '/p.wasm' }, 'is not a path below'],
    [{ module: 'a//p.wasm' }, 'is not a path below'],
    [{ module: '.git/p.wasm' }, 'is not a path below'],
    [{ module: 'a\\p.wasm' }, 'is not a path below'],
    [{ module: 'a b.wasm' }, 'is not a path below'],
    [{ module: `${'a'.repeat(252)}.wasm` }, 'has more than 256 characters'],
    [{ module: 'p.wasm', data: 'd.yaml' }, 'does not end in .json'],
    [{ module: 'p.wasm', entrypoint: '/a' }, 'is not an entrypoint'],
    [{ module: 'p.wasm', entrypoint: 'a b' }, 'is not an entrypoint'],
    [{ module: 'p.wasm', input: [] }, 'must be a table'],
    [{ module: 'p.wasm', input: { at: new Date(0) } }, 'at is a date'],
    [{ module: 'p.wasm', dry_run: 'yes' }, 'must be true or false'],
    [{ module: 'p.wasm', dryrun: true }, 'dryrun'],
  ])('is refused: %j', (policy, message) => {
    expect(() => of(policy)).toThrow(message);
  });
});
