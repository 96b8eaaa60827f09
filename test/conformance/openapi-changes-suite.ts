import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { artifactOf, freshName, type OpenHost, type TestHost } from './harness.ts';
import { describedBy, documentOf } from './openapi-source-cases.ts';

const all = (version: number) => [{ version, weight: 100 }];

/** A function that has things, each with these properties. */
function things(properties: object, rest: object = {}): Record<string, unknown> {
  const schema = { type: 'object', properties, required: Object.keys(properties) };
  const responses = { 200: { description: 'The thing', content: { 'application/json': { schema } } } };
  return documentOf({ paths: { '/things': { get: { responses } }, ...rest } });
}

const OLD = things({ name: { type: 'string' }, size: { type: 'integer' } });
const WORSE = things({ name: { type: 'string' } });
const WIDER = things({ name: { type: 'string' }, size: { type: 'integer' }, owner: { type: 'string' } });
const DOUBTFUL = things(
  { name: { type: 'string' }, size: { type: 'integer' } },
  { '/others': { post: { parameters: [], responses: {} } } },
);

const GONE = {
  rule: 'response-property-removed',
  severity: 'breaking',
  method: 'GET',
  path: '/things',
  pointer: '#/paths/~1things/get/responses/200/content/application~1json/schema/properties/size',
  document: 'from',
  message: 'Response 200, `size`: it is gone.',
};

/** What a move of an alias means for those who call: on every platform. */
export function openApiChangesSuite(open: OpenHost): void {
  describe('an alias that moves to a version with another API', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const breaking = (policy: string) => ({ openapi: { file: 'openapi.json', breaking: policy } });

    /** The first of a function is live. */
    async function publish(
      name: string,
      document: Record<string, unknown> | null,
      { policy = 'warn', alias }: { policy?: string; alias?: string } = {},
    ) {
      // A comment of its own, so that each is another version.
      const source = `// ${Math.random()}\nexport default { fetch() { return new Response('ok'); } };`;
      const plain = artifactOf(name, { 'index.js': source });
      const artifact = document === null ? plain : describedBy(document, breaking(policy), name);
      const modules = document === null ? artifact.modules : { ...artifact.modules, ...plain.modules };
      return host.admin.publish(name, encodeArtifact({ ...artifact, modules }), alias === undefined ? {} : { alias });
    }

    async function pair(from: Record<string, unknown> | null, to: Record<string, unknown> | null, policy = 'warn'): Promise<string> {
      const name = freshName();
      await publish(name, from, { policy });
      await publish(name, to, { policy });
      return name;
    }

    const allowed = () => createAdminClient({ url: host.url, token: host.token, said: { allowBreaking: true } });
    const versionsOf = async (name: string) => (await host.admin.alias(name, 'live')).versions;
    const refused = (name: string) => ({
      code: 'breaking-change',
      status: 409,
      details: { function: name, alias: 'live', from: 1, to: 2, changes: [GONE] },
    });

    it('says what breaks, and moves, where nothing else is asked for', async () => {
      const name = await pair(OLD, WORSE);
      const moved = await host.admin.moveAlias(name, 'live', { versions: all(2) });
      expect(moved).toMatchObject({ versions: all(2), apiChanges: [{ from: 1, to: 2, changes: [GONE] }] });
      expect(await host.admin.alias(name, 'live')).not.toHaveProperty('apiChanges');
    });

    it.each([
      ['the same', OLD],
      ['more', WIDER],
    ])('says nothing of one that has %s', async (_what, document) => {
      const name = await pair(OLD, document, 'refuse');
      expect(await host.admin.moveAlias(name, 'live', { versions: all(2) })).not.toHaveProperty('apiChanges');
    });

    it('does not, where the version says `breaking = "refuse"`, until someone says that it may', async () => {
      const name = await pair(OLD, WORSE, 'refuse');
      await expect(host.admin.moveAlias(name, 'live', { versions: all(2) })).rejects.toMatchObject(refused(name));
      expect(await versionsOf(name)).toEqual(all(1));
      expect(await allowed().moveAlias(name, 'live', { versions: all(2) })).toMatchObject({
        versions: all(2),
        apiChanges: [{ changes: [GONE] }],
      });
    });

    it('is not refused for what may break, or may not', async () => {
      const name = await pair(
        things({ name: { type: 'string', enum: ['a'] } }),
        things({ name: { type: 'string', enum: ['a', 'b'] } }),
        'refuse',
      );
      const { apiChanges } = await host.admin.moveAlias(name, 'live', { versions: all(2) });
      expect(apiChanges?.[0]?.changes).toMatchObject([{ rule: 'response-enum-value-added', severity: 'warning' }]);
    });

    it('is not looked at where the version says `breaking = "allow"`', async () => {
      const name = await pair(OLD, WORSE, 'allow');
      expect(await host.admin.moveAlias(name, 'live', { versions: all(2) })).not.toHaveProperty('apiChanges');
    });

    it('is refused a share of the requests as well', async () => {
      const name = await pair(OLD, WORSE, 'refuse');
      const versions = [{ version: 1, weight: 99 }, { version: 2, weight: 1 }]; // prettier-ignore
      await expect(host.admin.moveAlias(name, 'live', { versions })).rejects.toMatchObject(refused(name));
      await allowed().moveAlias(name, 'live', { versions });
      // Those who call have met it: more of it is nothing new.
      expect(await host.admin.moveAlias(name, 'live', { versions: all(2) })).not.toHaveProperty('apiChanges');
    });

    it('is compared with each version that the alias leaves', async () => {
      const name = await pair(OLD, WIDER);
      const versions = [{ version: 1, weight: 40 }, { version: 2, weight: 60 }]; // prettier-ignore
      await host.admin.moveAlias(name, 'live', { versions });
      await publish(name, WORSE);
      const { apiChanges } = await host.admin.moveAlias(name, 'live', { versions: all(3) });
      expect(apiChanges?.map(({ from, to, changes }) => [from, to, changes.length])).toEqual([
        [2, 3, 2],
        [1, 3, 1],
      ]);
    });

    it('is new, and nobody calls it yet', async () => {
      const name = await pair(OLD, WORSE, 'refuse');
      expect(await host.admin.moveAlias(name, 'next', { versions: all(2) })).not.toHaveProperty('apiChanges');
    });

    it('is refused at a publish, which leaves no version', async () => {
      const name = freshName();
      await publish(name, OLD);
      await expect(publish(name, WORSE, { policy: 'refuse', alias: 'live' })).rejects.toMatchObject(refused(name));
      expect((await host.admin.function(name)).versions).toHaveLength(1);
      expect(await publish(name, WORSE, { alias: 'live' })).toMatchObject({
        version: 2,
        apiChanges: [{ from: 1, to: 2, changes: [GONE] }],
      });
    });

    it('is refused at a publish of what is a version already', async () => {
      const name = await pair(OLD, WORSE, 'refuse');
      const bytes = await host.admin.artifact(name, 2);
      await expect(host.admin.publish(name, bytes, { alias: 'live' })).rejects.toMatchObject(refused(name));
      expect(await allowed().publish(name, bytes, { alias: 'live' })).toMatchObject({ created: false, apiChanges: [{ changes: [GONE] }] });
    });

    it('is refused a release, which does not begin', async () => {
      const name = await pair(OLD, WORSE, 'refuse');
      await expect(host.admin.askRelease(name, { to: 2 })).rejects.toMatchObject(refused(name));
      expect(await host.admin.releases(name)).toEqual([]);
      const release = await allowed().askRelease(name, { to: 2, steps: [50, 100], every: 3_600_000 });
      expect(release).toMatchObject({ to: 2, apiChanges: [{ changes: [GONE] }] });
      // The way back is not held up.
      expect((await host.admin.changeRelease(name, release.id, { to: 'abort' })).state).toBe('aborted');
      expect(await versionsOf(name)).toEqual(all(1));
    });

    it('goes back all the same, and says what that breaks', async () => {
      const name = await pair(WORSE, OLD, 'refuse');
      await host.admin.moveAlias(name, 'live', { versions: all(2) });
      const back = await host.admin.rollback(name, 'live');
      expect(back).toMatchObject({ versions: all(1), apiChanges: [{ from: 2, to: 1, changes: [GONE] }] });
    });

    it('warns where there is no document any more, and says nothing where there was none', async () => {
      const gone = await pair(OLD, null);
      const { apiChanges } = await host.admin.moveAlias(gone, 'live', { versions: all(2) });
      expect(apiChanges).toMatchObject([{ from: 1, to: 2, changes: [{ rule: 'document-removed', severity: 'warning', path: null }] }]);
      const come = await pair(null, OLD, 'refuse');
      expect(await host.admin.moveAlias(come, 'live', { versions: all(2) })).not.toHaveProperty('apiChanges');
    });

    it('can be asked about before, with what is compatible too', async () => {
      const name = await pair(OLD, WORSE);
      await publish(name, DOUBTFUL);
      expect(await host.admin.apiChanges(name, { from: 'live', to: 2 })).toEqual({ function: name, from: 1, to: 2, changes: [GONE] });
      const { changes } = await host.admin.apiChanges(name, { from: 1, to: 3 });
      expect(changes).toMatchObject([{ rule: 'path-added', severity: 'compatible', path: '/others' }]);
      expect((await host.admin.apiChanges(name, { from: 2, to: 2 })).changes).toEqual([]);
    });

    it('cannot be asked about without a document', async () => {
      const name = await pair(null, null);
      await expect(host.admin.apiChanges(name, { from: 1, to: 2 })).rejects.toMatchObject({ code: 'openapi-not-found' });
      await expect(host.admin.apiChanges(name, { from: 1, to: 9 })).rejects.toMatchObject({ code: 'version-not-found' });
    });
  });
}
