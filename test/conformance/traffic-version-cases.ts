import { beforeAll, describe, expect, it } from 'vitest';
import { artifactOf, freshName, publish, type TestHost } from './harness.ts';
import { becomes, markAt, mirror, publishMirrors, refusal } from './traffic-mirror.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';

const all = (version: number) => [{ version, weight: 100 }];

export function versionCases(current: () => TestHost): void {
  let host: TestHost;
  beforeAll(() => {
    host = current();
  });

  describe('publish', () => {
    it('makes `live` for the first version, and moves nothing after that', async () => {
      const { name } = await publish(host, mirror('one'));
      expect(await markAt(host, `/${name}/`)).toBe('one');
      await publish(host, mirror('two'), { name });
      expect(await markAt(host, `/${name}/`)).toBe('one');
      expect(await host.admin.alias(name, 'live')).toMatchObject({ versions: all(1), revision: 1 });
      expect(await markAt(host, `/${name}@2/`)).toBe('two');
    });

    it('with an alias moves that one alone', async () => {
      const { name } = await publish(host, mirror('one'));
      await publish(host, mirror('two'), { name, alias: 'staging' });
      await becomes(host, () => markAt(host, `/${name}@staging/`), 'two');
      expect(await markAt(host, `/${name}/`)).toBe('one');
      await publish(host, mirror('three'), { name, alias: 'live' });
      await becomes(host, () => markAt(host, `/${name}/`), 'three');
      expect(await markAt(host, `/${name}@staging/`)).toBe('two');
    });

    it('of the same bytes twice is one version', async () => {
      const bytes = encodeArtifact(artifactOf('same', { 'index.js': mirror('same') }));
      const first = await host.admin.publish('same', bytes);
      const second = await host.admin.publish('same', bytes);
      expect(second).toMatchObject({ version: first.version, digest: first.digest, created: false, alias: null });
      expect((await host.admin.function('same')).versions).toHaveLength(1);
    });

    it('of the same bytes at once is one version', async () => {
      const name = freshName();
      const bytes = encodeArtifact(artifactOf(name, { 'index.js': mirror('same') }));
      const results = await Promise.all([1, 2, 3].map(() => host.admin.publish(name, bytes)));
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      expect((await host.admin.function(name)).versions).toMatchObject([{ number: 1 }]);
      expect(await markAt(host, `/${name}/`)).toBe('same');
    });

    it('of different bytes at once makes a version of each', async () => {
      const { name } = await publish(host, mirror('one'));
      await Promise.all(['two', 'three', 'four'].map((mark) => publish(host, mirror(mark), { name })));
      const marks = await Promise.all([2, 3, 4].map((number) => markAt(host, `/${name}@${number}/`)));
      expect(marks.toSorted()).toEqual(['four', 'three', 'two']);
    });

    it('keeps the tag that it was given', async () => {
      const name = freshName();
      await host.admin.publish(name, encodeArtifact(artifactOf(name, { 'index.js': mirror() })), { tag: 'v1.2 (größer)' });
      expect((await host.admin.version(name, 1)).tag).toBe('v1.2 (größer)');
    });

    it('gives back the artifact byte for byte', async () => {
      const name = freshName();
      const bytes = encodeArtifact(
        artifactOf(name, { 'index.js': mirror(), 'all.bin': Uint8Array.from({ length: 256 }, (_, byte) => byte) }),
      );
      await host.admin.publish(name, bytes);
      expect(Buffer.from(await host.admin.artifact(name, 1)).equals(bytes)).toBe(true);
    });
  });

  describe('an alias', () => {
    it('that moves is followed', async () => {
      const { name } = await publishMirrors(host, 'one', 'two');
      expect(await markAt(host, `/${name}/`)).toBe('one');
      await host.admin.moveAlias(name, 'live', { versions: all(2) });
      await becomes(host, () => markAt(host, `/${name}/`), 'two');
    });

    it('that moved leaves each version at its own URL', async () => {
      const { name, digests } = await publishMirrors(host, 'one', 'two');
      await host.admin.moveAlias(name, 'live', { versions: all(2) });
      await becomes(host, () => markAt(host, `/${name}/`), 'two');
      const { versions } = await host.admin.function(name);
      expect(await Promise.all(versions.map(({ url }) => markAt(host, new URL(url).pathname)))).toEqual(['one', 'two']);
      expect(await markAt(host, `/${name}@${digests[0]!.slice(0, 8)}/`)).toBe('one');
    });

    it('that two move from the same revision is moved by one of them', async () => {
      const { name } = await publishMirrors(host, 'one', 'two', 'three');
      const results = await Promise.allSettled(
        [2, 3].map((version) => host.admin.moveAlias(name, 'live', { versions: all(version), ifRevision: 1 })),
      );
      const [won] = results.filter((result) => result.status === 'fulfilled');
      const [lost] = results.filter((result) => result.status === 'rejected');
      expect(won?.value.revision).toBe(2);
      expect(lost?.reason).toMatchObject({ code: 'alias-conflict', details: { revision: 2, versions: won?.value.versions } });
      expect(await host.admin.alias(name, 'live')).toMatchObject({ revision: 2, versions: won?.value.versions });
    });

    it('loses no move of many that come at once', async () => {
      const { name } = await publishMirrors(host, 'one', 'two');
      await Promise.all(Array.from({ length: 10 }, (_, index) => host.admin.moveAlias(name, 'live', { versions: all(1 + (index % 2)) })));
      const { revision, history } = await host.admin.alias(name, 'live');
      expect(revision).toBe(11);
      expect(history.map((move) => move.revision)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    });

    it('is made only where there is none, if asked so', async () => {
      const { name } = await publishMirrors(host, 'one', 'two');
      const make = (version: number) => host.admin.moveAlias(name, 'fresh', { versions: all(version), ifRevision: 0 });
      expect((await make(1)).revision).toBe(1);
      await expect(make(2)).rejects.toMatchObject({ code: 'alias-conflict' });
      expect(await markAt(host, `/${name}@fresh/`)).toBe('one');
    });

    it('rolls back one step, and one further each time', async () => {
      const { name } = await publishMirrors(host, 'one', 'two', 'three');
      await host.admin.moveAlias(name, 'live', { versions: all(2) });
      await host.admin.moveAlias(name, 'live', { versions: all(3) });
      expect(await host.admin.rollback(name, 'live')).toMatchObject({ versions: all(2), revision: 4 });
      await becomes(host, () => markAt(host, `/${name}/`), 'two');
      await host.admin.rollback(name, 'live');
      await becomes(host, () => markAt(host, `/${name}/`), 'one');
      await expect(host.admin.rollback(name, 'live')).rejects.toMatchObject({ code: 'rollback-unavailable' });
    });

    it('that is rolled back from an old revision stays', async () => {
      const { name } = await publishMirrors(host, 'one', 'two');
      await host.admin.moveAlias(name, 'live', { versions: all(2) });
      await expect(host.admin.rollback(name, 'live', 1)).rejects.toMatchObject({ code: 'alias-conflict' });
      expect(await host.admin.alias(name, 'live')).toMatchObject({ versions: all(2), revision: 2 });
    });

    it('that is removed leads nowhere', async () => {
      const { name } = await publishMirrors(host, 'one');
      await host.admin.moveAlias(name, 'old', { versions: all(1) });
      expect(await markAt(host, `/${name}@old/`)).toBe('one');
      await host.admin.removeAlias(name, 'old');
      await becomes(host, () => refusal(host, { path: `/${name}@old/` }), [404, 'alias-not-found']);
    });
  });

  describe('a version', () => {
    it('that an alias names cannot be removed; one that none names can', async () => {
      const { name } = await publishMirrors(host, 'one', 'two');
      await host.admin.moveAlias(name, 'split', {
        versions: [
          { version: 1, weight: 99 },
          { version: 2, weight: 1 },
        ],
      });
      await expect(host.admin.removeVersion(name, 2)).rejects.toMatchObject({ code: 'version-in-use', details: { aliases: ['split'] } });
      expect(await markAt(host, `/${name}@2/`)).toBe('two');
      await host.admin.removeAlias(name, 'split');
      await host.admin.removeVersion(name, 2);
      await becomes(host, () => refusal(host, { path: `/${name}@2/` }), [404, 'version-not-found']);
      expect(await markAt(host, `/${name}/`)).toBe('one');
    });

    it('that was removed comes back under a new number', async () => {
      const { name, digests } = await publishMirrors(host, 'one', 'two');
      await host.admin.removeVersion(name, 2);
      expect((await publish(host, mirror('two'), { name })).version).toBe(3);
      await becomes(host, () => refusal(host, { path: `/${name}@2/` }), [404, 'version-not-found']);
      expect(await markAt(host, `/${name}@${digests[1]}/`)).toBe('two');
    });
  });

  describe('a function', () => {
    it('that is removed is not there any more, under any of its URLs', async () => {
      const { name, digests } = await publishMirrors(host, 'one');
      expect(await markAt(host, `/${name}/`)).toBe('one');
      await host.admin.removeFunction(name);
      await becomes(host, () => refusal(host, { path: `/${name}/` }), [404, 'function-not-found']);
      expect(await refusal(host, { path: `/${name}@1/` })).toEqual([404, 'function-not-found']);
      expect(await refusal(host, { path: `/${name}@${digests[0]}/` })).toEqual([404, 'function-not-found']);
      expect(await refusal(host, { host: `${name}.localhost` })).toEqual([404, 'function-not-found']);
      await expect(host.admin.removeFunction(name)).rejects.toMatchObject({ code: 'function-not-found' });
    });

    it('that is published anew under a removed name begins at version 1, with the new code', async () => {
      const { name } = await publishMirrors(host, 'old', 'older');
      expect(await markAt(host, `/${name}/`)).toBe('old');
      await host.admin.removeFunction(name);
      expect((await publish(host, mirror('new'), { name })).version).toBe(1);
      await becomes(host, () => markAt(host, `/${name}/`), 'new');
      expect((await host.admin.function(name)).versions).toHaveLength(1);
    });

    it('is listed with its versions and aliases until it is removed', async () => {
      const { name } = await publishMirrors(host, 'one', 'two');
      const listed = async () => (await host.admin.functions()).find((summary) => summary.name === name);
      expect(await listed()).toMatchObject({ versions: 2, latest: 2, aliases: { live: all(1) }, url: `${host.url}/${name}/` });
      await host.admin.removeFunction(name);
      expect(await listed()).toBeUndefined();
    });
  });
}
