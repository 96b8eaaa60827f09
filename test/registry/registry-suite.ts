import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../host/registry/artifact.ts';
import type { Registry } from '../../host/registry/registry.ts';
import { artifactOf, coded, FETCH, NOW, registryOn, type OpenedStores } from './registry-cases.ts';
import { registryFailureSuite } from './registry-failure-suite.ts';
import { registryRouteSuite } from './registry-routes-suite.ts';

const all = (version: number) => ({ versions: [{ version, weight: 100 }] });

/** What the registry promises on every pair of stores. */
export function registrySuite(name: string, open: () => Promise<OpenedStores>): void {
  describe(`Registry: ${name}`, () => {
    let opened: OpenedStores;
    let registry: Registry;
    beforeEach(async () => {
      opened = await open();
      registry = registryOn(opened);
    });
    afterEach(() => opened.close());

    const publish = (text: string, options: { alias?: string; tag?: string; digest?: string } = {}) =>
      registry.publish('shop', artifactOf('shop', text), { ...FETCH, ...options });
    const target = async (alias: string) => (await registry.get('shop')).aliases[alias]?.versions;

    describe('publish()', () => {
      it('makes version 1 and points live at it', async () => {
        const bytes = artifactOf('shop', 'one', { triggers: { crons: ['0 * * * *'] } });
        const { version, created, alias, record } = await registry.publish('shop', bytes, { ...FETCH, tag: 'first' });
        expect({ created, alias }).toEqual({ created: true, alias: 'live' });
        expect(version).toMatchObject({ number: 1, digest: await digestOf(bytes), size: bytes.byteLength, createdAt: NOW, tag: 'first' });
        expect(version).toMatchObject({ handlers: ['fetch'], crons: ['0 * * * *'] });
        expect(record.aliases['live']).toMatchObject({ versions: [{ version: 1, weight: 100 }], revision: 1, history: [] });
        expect(await registry.get('shop')).toEqual(record);
      });

      it('leaves the aliases of a function that has some', async () => {
        await publish('one');
        expect(await publish('two')).toMatchObject({ version: { number: 2 }, created: true, alias: null });
        expect(await target('live')).toEqual([{ version: 1, weight: 100 }]);
      });

      it('moves the alias that it names, and no other', async () => {
        await publish('one');
        expect(await publish('two', { alias: 'staging' })).toMatchObject({ alias: 'staging' });
        expect(await publish('three', { alias: 'staging' })).toMatchObject({ alias: 'staging' });
        expect(await target('staging')).toEqual([{ version: 3, weight: 100 }]);
        expect(await target('live')).toEqual([{ version: 1, weight: 100 }]);
        expect((await registry.rollback('shop', 'staging')).versions).toEqual([{ version: 2, weight: 100 }]);
      });

      it('makes one version of the same bytes, and keeps one artifact', async () => {
        const first = await publish('one');
        const again = await publish('one');
        expect(again).toMatchObject({ created: false, alias: null });
        expect(again.version).toEqual(first.version);
        expect(again.record).toEqual(first.record);
        expect(await opened.blobs.list('')).toHaveLength(1);
      });

      it('moves the alias to a version that was published before, and leaves one that stands there', async () => {
        await publish('one');
        await publish('two', { alias: 'live' });
        expect(await publish('one', { alias: 'live' })).toMatchObject({ created: false, alias: 'live' });
        const again = await publish('one', { alias: 'live' });
        expect(again.record.aliases['live']).toMatchObject({ versions: [{ version: 1, weight: 100 }], revision: 3 });
      });

      it('takes the digest that the bytes have, and refuses any other', async () => {
        const bytes = artifactOf('shop', 'one');
        await publish('one', { digest: await digestOf(bytes) });
        await expect(publish('two', { digest: await digestOf(bytes) })).rejects.toThrow(coded('artifact-digest-mismatch'));
        const tampered = bytes.slice();
        tampered[tampered.length - 3]! ^= 1;
        await expect(registry.publish('shop', tampered, { ...FETCH, digest: await digestOf(bytes) })).rejects.toThrow(
          coded('artifact-digest-mismatch'),
        );
        expect((await registry.get('shop')).versions).toHaveLength(1);
      });

      it('gives back the artifact and the manifest that were published', async () => {
        const bytes = artifactOf('shop', 'one', { vars: { GREETING: 'hi' } });
        const { record, version } = await registry.publish('shop', bytes, FETCH);
        const loaded = await registry.load(record, version);
        expect(loaded).toMatchObject({ function: 'shop', number: 1, digest: version.digest, manifest: { vars: { GREETING: 'hi' } } });
        expect(new TextDecoder().decode((await loaded.load()).modules['main.js']!.bytes)).toContain('"one"');
      });

      it('of many at once makes as many versions, each with its own number', async () => {
        const texts = Array.from({ length: 48 }, (_, index) => `text ${index}`);
        const published = await Promise.all(texts.map((text) => publish(text)));
        const record = await registry.get('shop');
        expect(record.versions.map(({ number }) => number)).toEqual(texts.map((_, index) => index + 1));
        expect(new Set(record.versions.map(({ digest }) => digest)).size).toBe(texts.length);
        expect(published.filter(({ alias }) => alias === 'live')).toHaveLength(1);
        for (const { version } of published) expect(record.versions).toContainEqual(version);
      });

      it('of the same bytes many times at once makes one version and keeps one artifact', async () => {
        const published = await Promise.all(Array.from({ length: 12 }, () => publish('one')));
        expect(new Set(published.map(({ version }) => version.artifact)).size).toBe(1);
        expect(published.filter(({ created }) => created)).toHaveLength(1);
        expect(await opened.blobs.list('')).toHaveLength(1);
        await registry.artifact('shop', published[0]!.version);
      });

      it('of many functions at once loses none', async () => {
        const names = Array.from({ length: 20 }, (_, index) => `fn-${index}`);
        await Promise.all(names.map((each) => registry.publish(each, artifactOf(each, 'x', { routes: [`${each}.test/*`] }), FETCH)));
        expect((await registry.list()).map((record) => record.name).toSorted()).toEqual(names.toSorted());
        expect(await registry.routes()).toHaveLength(20);
      });
    });

    describe('aliases', () => {
      beforeEach(async () => {
        for (const text of ['one', 'two', 'three']) await publish(text);
      });

      it('moveAlias() splits, and a move that names the revision before it is refused', async () => {
        const split = { versions: [1, 2].map((version) => ({ version, weight: 50 })), ifRevision: 1 };
        expect(await registry.moveAlias('shop', 'live', split)).toMatchObject({ versions: split.versions, revision: 2, movedAt: NOW });
        await expect(registry.moveAlias('shop', 'live', { ...all(3), ifRevision: 1 })).rejects.toThrow(
          coded('alias-conflict', { revision: 2 }),
        );
      });

      it('of two racing moves one gets through and one a conflict, and the history tells of the first', async () => {
        const moves = await Promise.allSettled(
          [2, 3].map((version) => registry.moveAlias('shop', 'live', { ...all(version), ifRevision: 1 })),
        );
        const lost = moves.filter((move) => move.status === 'rejected');
        expect(lost.map(({ reason }) => reason as unknown)).toEqual([coded('alias-conflict', { revision: 2 })]);
        const won = moves.find((move) => move.status === 'fulfilled')!.value;
        const { live } = (await registry.get('shop')).aliases;
        expect(live).toEqual(won);
        expect(live!.history.map(({ revision, versions }) => [revision, versions[0]!.version])).toEqual([[1, 1]]);
      });

      it('moves of different aliases at once do not disturb one another', async () => {
        const names = ['a1', 'b1', 'c1', 'd1', 'e1', 'f1'].map((each) => `on-${each}`);
        await Promise.all(names.map((alias, index) => registry.moveAlias('shop', alias, { ...all((index % 3) + 1), ifRevision: 0 })));
        expect(Object.keys((await registry.get('shop')).aliases).toSorted()).toEqual(['live', ...names].toSorted());
      });

      it('rollback() goes back move by move, and refuses when there is nothing earlier', async () => {
        await registry.moveAlias('shop', 'live', all(2));
        await registry.moveAlias('shop', 'live', { versions: [2, 3].map((version) => ({ version, weight: 50 })) });
        const targets = [await registry.rollback('shop', 'live'), await registry.rollback('shop', 'live')].map(
          ({ versions }) => versions[0]!.version,
        );
        expect(targets).toEqual([2, 1]);
        await expect(registry.rollback('shop', 'live')).rejects.toThrow(coded('rollback-unavailable'));
      });

      it.each(['Live', 'a b', '', '-x', 'a--b', '12', 'deadbeef', 'a/b', '__proto__'])('an alias cannot be called %j', async (alias) => {
        await expect(registry.moveAlias('shop', alias, all(1))).rejects.toThrow(coded('name-invalid'));
        await expect(publish('four', { alias })).rejects.toThrow(coded('name-invalid'));
        expect((await registry.get('shop')).versions).toHaveLength(3);
      });

      it('what is not there is said so', async () => {
        await expect(registry.moveAlias('shop', 'live', all(9))).rejects.toThrow(coded('version-not-found'));
        await expect(registry.moveAlias('none', 'live', all(1))).rejects.toThrow(coded('function-not-found'));
        await expect(registry.rollback('shop', 'none')).rejects.toThrow(coded('alias-not-found'));
        await expect(registry.removeAlias('shop', 'none')).rejects.toThrow(coded('alias-not-found'));
        await expect(registry.get('constructor')).rejects.toThrow(coded('function-not-found'));
        expect(await registry.find('none')).toBeNull();
      });

      it('removeVersion() refuses a version in use, and takes the artifact of one that is not', async () => {
        await registry.moveAlias('shop', 'live', {
          versions: [
            { version: 1, weight: 99 },
            { version: 2, weight: 1 },
          ],
        });
        await expect(registry.removeVersion('shop', 2)).rejects.toThrow(coded('version-in-use', { aliases: ['live'] }));
        const gone = (await registry.get('shop')).versions[2]!;
        await registry.removeVersion('shop', 3);
        expect((await registry.get('shop')).versions.map(({ number }) => number)).toEqual([1, 2]);
        await expect(registry.artifact('shop', gone)).rejects.toThrow(coded('version-not-found'));
        expect(await opened.blobs.list('')).toHaveLength(2);
        expect(await publish('three')).toMatchObject({ created: true, version: { number: 4 } });
      });
    });

    registryRouteSuite(() => opened);
    registryFailureSuite(() => opened);
  });
}
