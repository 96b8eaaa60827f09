import { beforeAll, describe, expect, it } from 'vitest';
import { artifactBytes, upload, victimOn, type Refusal, type Victim } from './bad-input-guard.ts';
import type { TestHost } from './harness.ts';

const MAIN = 'export default { fetch: () => new Response("new") };';

/** Manifests that a client made up; the ones of our own CLI are refused before they are sent. */
export function manifestCases(current: () => TestHost): void {
  let host: TestHost;
  let victim: Victim;
  beforeAll(async () => {
    host = current();
    victim = await victimOn(host);
  });

  const withManifest = (manifest: unknown) =>
    artifactBytes({ mainModule: 'index.js', manifest, modules: [{ name: 'index.js', type: 'js', size: MAIN.length }] }, MAIN);

  describe('a manifest is refused', () => {
    it.each<[string, Record<string, unknown>, Refusal]>([
      [
        'an unknown key, with the nearest known one',
        { compatability_date: '2026-01-01' },
        {
          status: 400,
          code: 'manifest-unknown-key',
          key: 'compatability_date',
          nearest: 'compatibility_date',
          detail: /Did you mean "compatibility_date"/,
        },
      ],
      [
        'an unknown key inside of a table',
        { triggers: { cron: [] } },
        { status: 400, code: 'manifest-unknown-key', key: 'triggers.cron', nearest: 'crons' },
      ],
      ['an unknown key that is near to none', { zzzzzzzzzz: 1 }, { status: 400, code: 'manifest-unknown-key', nearest: null }],
      [
        'a cron of four fields',
        { triggers: { crons: ['0 0 * * *', '* * * *'] } },
        { status: 400, code: 'manifest-invalid', key: 'triggers.crons[1]', detail: /4 fields instead of 5/ },
      ],
      [
        'a cron whose minute is none',
        { triggers: { crons: ['61 * * * *'] } },
        { status: 400, code: 'manifest-invalid', key: 'triggers.crons[0]', detail: /"61" as its minute/ },
      ],
      [
        'a deadline that is no number',
        { limits: { deadline_ms: 'soon' } },
        { status: 400, code: 'manifest-invalid', key: 'limits.deadline_ms' },
      ],
      ['a date that is none', { compatibility_date: '2026-02-30' }, { status: 400, code: 'manifest-invalid', key: 'compatibility_date' }],
      ['a route that is none', { routes: ['a.example/*/b'] }, { status: 400, code: 'route-invalid', pattern: 'a.example/*/b' }],
      [
        'a route to an alias that cannot be',
        { routes: [{ pattern: 'a.example/*', alias: 'no alias' }] },
        { status: 400, code: 'name-invalid' },
      ],
      [
        'R2 buckets',
        { workflows: [{ binding: 'CACHE', name: 'x' }] },
        { status: 400, code: 'binding-unsupported', key: 'workflows', bindings: ['CACHE'], detail: /CACHE/ },
      ],
      [
        'Durable Objects',
        { durable_objects: { bindings: [{ name: 'ROOM', class_name: 'Room' }] } },
        { status: 400, code: 'binding-unsupported', key: 'durable_objects', bindings: ['ROOM'] },
      ],
      [
        'values that are not as the canonical form writes them',
        { routes: 'none' },
        { status: 400, code: 'manifest-invalid', key: 'routes' },
      ],
    ])('for %s', (_what, manifest, expected) =>
      victim.refuses(() => victim.upload(withManifest({ name: victim.name, ...manifest })), expected),
    );

    it('that leaves defaults out, as nothing but its canonical form is taken', () =>
      victim.refuses(() => victim.upload(withManifest({ name: victim.name })), {
        status: 400,
        code: 'artifact-invalid',
        detail: /defaults written out/,
      }));

    it.each([null, [[]], 'text', 1])('that is %j', (manifest) =>
      victim.refuses(() => victim.upload(withManifest(manifest)), { status: 400, code: 'manifest-invalid' }),
    );

    it('that gives no name', () =>
      victim.refuses(() => victim.upload(withManifest({})), { status: 400, code: 'manifest-invalid', key: 'name' }));

    it.each(['Hello', 'a_b', '-a', 'a-', 'a--b', 'a.b', 'ä', '', 'a b', '../a', 'x'.repeat(64), '__proto__'])('for the name %j', (name) =>
      victim.refuses(() => upload(host, name === '' ? victim.name : name, withManifest({ name })), {
        status: 400,
        code: 'name-invalid',
        name,
        what: 'function',
      }),
    );

    it('of a thousand levels, without harm', () => {
      const nested = `${'['.repeat(1_000)}${']'.repeat(1_000)}`;
      return victim.refuses(() => victim.upload(withManifest({ name: victim.name, vars: { deep: JSON.parse(nested) as unknown } })), {
        status: 400,
        code: 'manifest-invalid',
      });
    });

    it('of more than 256 KiB, without saying it back', () =>
      victim.refuses(() => victim.upload(withManifest({ name: victim.name, vars: { text: 'x'.repeat(300 * 1024) } })), {
        status: 400,
        code: 'manifest-invalid',
        look: ({ text }) => expect(text.length).toBeLessThan(2_000),
      }));
  });
}
