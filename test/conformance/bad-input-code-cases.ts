import { transformSync } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { victimOn, type Victim } from './bad-input-guard.ts';
import { artifactOf, type TestHost } from './harness.ts';

const HANDLER = `export default { fetch: () => new Response('new') };`;

/** Modules that cannot be started. */
export function codeCases(current: () => TestHost): void {
  let victim: Victim;
  beforeAll(async () => {
    victim = await victimOn(current());
  });

  const modules = (sources: Record<string, string | Uint8Array>) => () => victim.upload(encodeArtifact(artifactOf(victim.name, sources)));

  describe('a main module is refused', () => {
    it.each([
      ['nothing at all', ''],
      ['no default', 'export const fetch = () => new Response();'],
      ['an empty default', 'export default {};'],
      ['a default with other names', 'export default { get() {}, fetch: 1 };'],
      ['a default that is text', 'export default "fetch";'],
      ['a default that is null', 'export default null;'],
      ['a plain class', 'export default class { fetch() {} }'],
    ])('that exports no handler: %s', (_what, source) =>
      victim.refuses(modules({ 'main.js': source }), {
        status: 422,
        code: 'handlers-missing',
        module: 'main.js',
        detail: /export default \{ fetch/,
      }),
    );

    it('with a syntax error, whose place it says', () =>
      victim.refuses(modules({ 'index.js': `${HANDLER}\n\nconst broken = ;\n` }), {
        status: 422,
        code: 'startup-failed',
        detail: /SyntaxError.*index\.js:3/s,
      }));

    it('with a syntax error in a module that it imports', () =>
      victim.refuses(modules({ 'index.js': `import './lib/broken.js';\n${HANDLER}`, 'lib/broken.js': '\nfunction (' }), {
        status: 422,
        code: 'startup-failed',
        detail: /SyntaxError.*lib\/broken\.js:2/s,
      }));

    it('that throws at its top level: with its message', () =>
      victim.refuses(modules({ 'index.js': `throw new TypeError('no way');\n${HANDLER}` }), {
        status: 422,
        code: 'startup-failed',
        detail: /TypeError: no way.*index\.js:1/s,
        error: 'TypeError: no way',
      }));

    it("that throws at its top level: with the author's place, by the source map", async () => {
      const source = `interface Options { fast: boolean }\n\nfunction configure(options?: Options): never {\n  throw new Error(\`bad options \${options}\`);\n}\nconfigure();\n${HANDLER}`;
      const { code, map } = transformSync(source, { loader: 'ts', sourcefile: 'src/config.ts', sourcemap: 'external', minify: true });
      await victim.refuses(modules({ 'index.js': code, 'index.js.map': map }), {
        status: 422,
        code: 'startup-failed',
        detail: /Error: bad options undefined.*src\/config\.ts:4:9/s,
        error: 'Error: bad options undefined',
        look({ json }) {
          expect(json['stack']).toContain('src/config.ts:6:1');
          expect(json['stack']).not.toMatch(/node_modules|worker_threads|node:|file:|brink/);
        },
      });
    });

    it.each([
      ['a string', `throw 'plain';`, /plain/],
      ['undefined', 'throw undefined;', /undefined/],
      ['what throws when it is read', `throw { get message() { throw 1 }, toString() { throw 2 } };`, /./],
      ['a rejected top-level await', `await Promise.reject(new RangeError('later'));`, /RangeError: later/],
    ])('that throws %s', (_what, source, detail) =>
      victim.refuses(modules({ 'index.js': `${source}\n${HANDLER}` }), { status: 422, code: 'startup-failed', detail }),
    );

    it('that waits for what never comes', () =>
      victim.refuses(modules({ 'index.js': `await new Promise(() => {});\n${HANDLER}` }), {
        status: 422,
        code: 'startup-timeout',
        detail: /await/,
      }));

    it('that imports a module that is not there, by its name', () =>
      victim.refuses(modules({ 'index.js': `import './gone.js';\n${HANDLER}` }), {
        status: 422,
        code: 'startup-failed',
        detail: /gone\.js/,
      }));

    it('that imports a package that was not bundled', () =>
      victim.refuses(modules({ 'index.js': `import 'left-pad';\n${HANDLER}` }), {
        status: 422,
        code: 'startup-failed',
        detail: /left-pad/,
      }));

    it('that imports a name that the other module lacks', () =>
      victim.refuses(modules({ 'index.js': `import { nothing } from './lib.js';\n${HANDLER}`, 'lib.js': 'export const some = 1;' }), {
        status: 422,
        code: 'startup-failed',
        detail: /nothing/,
      }));

    it('that reaches for files outside of its artifact', () =>
      victim.refuses(modules({ 'index.js': `import text from '../../../../../../etc/passwd';\n${HANDLER}` }), {
        status: 422,
        code: 'startup-failed',
        detail: /passwd/,
      }));

    it('with WebAssembly that is none', () =>
      victim.refuses(
        modules({ 'index.js': `import wasm from './bad.wasm';\n${HANDLER}`, 'bad.wasm': new Uint8Array([0, 97, 115, 109, 9, 9, 9, 9]) }),
        {
          status: 422,
          code: 'startup-failed',
          detail: /bad\.wasm|WebAssembly|wasm/i,
        },
      ));

    it('with JSON that is none', () =>
      victim.refuses(modules({ 'index.js': `import data from './bad.json';\n${HANDLER}`, 'bad.json': '{"open":' }), {
        status: 422,
        code: 'startup-failed',
        detail: /bad\.json|JSON/,
      }));
  });
}
