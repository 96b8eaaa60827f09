import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { buildPublishPolicy } from '../../host/build/publish-policy.ts';
import type { PolicyEvent } from '../../host/observe/events.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { policyWat, type Doing } from '../policy-wat.ts';
import { artifactOf, eventually, freshName, publish, type TestHost } from './harness.ts';

const SOURCE = 'export default { fetch: () => new Response("here") };';
const OTHER = 'export default { fetch: () => new Response("there") };';
const said = (result: unknown): string => JSON.stringify([{ result }]);

interface Options {
  readonly dryRun?: boolean;
  readonly data?: string;
  readonly bundled?: boolean;
}

/** What a host asks before something is published or an alias moves. */
export function publishPolicyCases(host: () => TestHost): void {
  const policyOf = async (doing: Doing, { dryRun = false, data, bundled = false }: Options = {}) => {
    const dir = await mkdtemp(join(tmpdir(), 'brink-policy-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await writeFile(join(dir, 'policy.wasm'), await policyWat({ 'brink/allow': doing }));
    if (data !== undefined) await writeFile(join(dir, 'data.json'), data);
    if (bundled) spawnSync('tar', ['-czf', 'bundle.tar.gz', './policy.wasm', ...(data === undefined ? [] : ['./data.json'])], { cwd: dir });
    const file = join(dir, bundled ? 'bundle.tar.gz' : 'policy.wasm');
    return buildPublishPolicy({ file, dryRun, ...(data !== undefined && !bundled && { data: join(dir, 'data.json') }) });
  };
  const set = async (doing: Doing, options?: Options) => host().admin.putPolicy(await policyOf(doing, options));
  const decisions = (name: string) =>
    host().events.filter((event): event is PolicyEvent => event.type === 'policy' && event.function === name);
  const outcome = (work: Promise<unknown>) =>
    work.then(
      () => 'ok',
      (error: { readonly code: string }) => error.code,
    );

  describe('a publish policy', () => {
    afterEach(async () => {
      await host().admin.removePolicy();
    });

    it('refuses what it denies, with its reasons, and leaves nothing of it', async () => {
      const name = freshName();
      await set({ results: said({ allow: false, reasons: ['It has no owner.', 'It is Friday.'] }) });
      const refused = publish(host(), SOURCE, { name });
      await expect(refused).rejects.toMatchObject({
        code: 'policy-denied',
        message: `The publish policy of this host does not allow publishing ${name}: It has no owner.; It is Friday.`,
        details: { reasons: ['It has no owner.', 'It is Friday.'], policy: 'policy.wasm', entrypoint: 'brink/allow' },
      });
      await expect(host().admin.function(name)).rejects.toMatchObject({ code: 'function-not-found' });
      const [event] = await eventually(() => (decisions(name).length > 0 ? decisions(name) : undefined));
      expect(event).toMatchObject({
        decision: 'denied',
        action: 'publish',
        version: 1,
        dryRun: false,
        reason: 'It has no owner.; It is Friday.',
      });
    });

    it.each<[string, Doing, string]>([
      ['true', { results: said(true) }, 'ok'],
      ['false', { results: said(false) }, 'policy-denied'],
      ['undefined', { results: '[]' }, 'policy-denied'],
      ['no reason against it', { results: said([]) }, 'ok'],
      ['a reason against it', { results: said(['No.']) }, 'policy-denied'],
      ['an object that allows', { results: said({ allow: true, reason: 'Why not.' }) }, 'ok'],
      ['a text', { results: said('yes') }, 'policy-failed'],
      ['a key that nobody knows', { results: said({ allow: true, because: 1 }) }, 'policy-failed'],
      ['a trap', { code: '(unreachable)' }, 'policy-failed'],
    ])('that says %s is heard', async (_what, doing, wanted) => {
      await set(doing);
      expect(await outcome(publish(host(), SOURCE))).toBe(wanted);
    });

    it('knows what is published, where it goes and who does it', async () => {
      const name = freshName();
      const manifest = {
        kv_namespaces: [{ binding: 'STORE' }],
        queues: { producers: [{ binding: 'JOBS', queue: 'jobs' }] },
        routes: [`${name}.example/*`],
        limits: { memory_mb: 64 },
      };
      const parts = [
        '"action":"publish"',
        `"function":"${name}"`,
        '"actor":{"access":"token","name":null}',
        '"alias":"live"',
        '"from":null',
        '"memory_mb":64',
        '{"kind":"queues","name":"JOBS"}',
        '{"kind":"kv_namespaces","name":"STORE"}',
        `"routes":["${name}.example/*"]`,
        `"name":"index.js","type":"js","size":${SOURCE.length},"digest":"`,
      ];
      for (const inputHas of parts) {
        await set({ inputHas });
        expect([inputHas, await outcome(publish(host(), SOURCE, { name, manifest }))]).toEqual([inputHas, 'ok']);
        await host().admin.removePolicy();
        await host().admin.removeFunction(name);
      }
      await set({ inputHas: '"name":"somebody"' });
      expect(await outcome(publish(host(), SOURCE, { name, manifest }))).toBe('policy-denied');
    });

    it('is asked before aliases move, are rolled back, removed and released to', async () => {
      const { name, digest } = await publish(host(), SOURCE);
      await publish(host(), OTHER, { name });
      const { admin } = host();
      const to = { versions: [{ version: 2, weight: 100 }] };
      await set({ inputHas: '"action":"publish"' });
      expect(await outcome(admin.moveAlias(name, 'live', to))).toBe('policy-denied');
      expect(await outcome(admin.askRelease(name, { to: 2, alias: 'live' }))).toBe('policy-denied');
      expect(await outcome(admin.removeAlias(name, 'live'))).toBe('policy-denied');
      expect((await admin.alias(name, 'live')).versions).toEqual([{ version: 1, weight: 100 }]);
      await set({
        inputHas: `"how":"move","function":"${name}","actor":{"access":"token","name":null},"reason":null,"alias":"live","from":[{"version":1,"weight":100,"digest":"${digest}"`,
      });
      expect(await outcome(admin.moveAlias(name, 'live', to))).toBe('ok');
      expect(await outcome(admin.rollback(name, 'live'))).toBe('policy-denied');
      await set({ inputHas: '"how":"rollback"' });
      expect(await outcome(admin.rollback(name, 'live'))).toBe('ok');
      const told = await eventually(() => (decisions(name).length >= 6 ? decisions(name) : undefined));
      expect(told.map(({ action, version, decision }) => [action, version, decision])).toEqual([
        ['alias', 2, 'denied'],
        ['alias', 2, 'denied'],
        ['alias', 0, 'denied'],
        ['alias', 2, 'allowed'],
        ['alias', 1, 'denied'],
        ['alias', 1, 'allowed'],
      ]);
    });

    it('that is a dry run refuses nothing, and is in the log', async () => {
      const name = freshName();
      await set({ results: said({ allow: false, reason: 'No.' }) }, { dryRun: true });
      expect(await outcome(publish(host(), SOURCE, { name }))).toBe('ok');
      await set({ code: '(unreachable)' }, { dryRun: true });
      expect(await outcome(publish(host(), OTHER, { name }))).toBe('ok');
      const told = await eventually(() => (decisions(name).length >= 2 ? decisions(name) : undefined));
      expect(told.map(({ decision, dryRun }) => [decision, dryRun])).toEqual([
        ['denied', true],
        ['failed', true],
      ]);
    });

    it('finds its data, alone or in a bundle', async () => {
      for (const bundled of [false, true]) {
        await set({ dataHas: '"ada"' }, { data: '{"owners":["ada"]}', bundled });
        expect(await outcome(publish(host(), SOURCE))).toBe('ok');
        await set({ dataHas: '"ada"' }, { data: '{"owners":["bob"]}', bundled });
        expect(await outcome(publish(host(), SOURCE))).toBe('policy-denied');
      }
    });

    it('is changed by who has read it last, and seen', async () => {
      const { admin } = host();
      const bytes = await policyOf({ results: said(true) });
      const { revision } = await admin.policy();
      const after = await admin.putPolicy(bytes, { ifRevision: revision });
      expect(after).toMatchObject({
        revision: revision + 1,
        by: 'token',
        policy: { module: 'policy.wasm', entrypoint: 'brink/allow', dryRun: false },
      });
      expect(await admin.policy()).toEqual(after);
      await expect(admin.putPolicy(bytes, { ifRevision: revision })).rejects.toMatchObject({ code: 'rules-conflict' });
      await expect(admin.removePolicy({ ifRevision: revision })).rejects.toMatchObject({ code: 'rules-conflict' });
      expect(await admin.removePolicy({ ifRevision: revision + 1 })).toMatchObject({ policy: null });
    });

    it('is not taken where it cannot be asked', async () => {
      const { admin } = host();
      const plain = encodeArtifact(artifactOf('plain', { 'index.js': SOURCE }));
      expect(await outcome(admin.putPolicy(plain))).toBe('artifact-invalid');
      const other = await policyWat({ 'other/rule': { results: '[]' } });
      const dir = await mkdtemp(join(tmpdir(), 'brink-policy-'));
      onTestFinished(() => rm(dir, { recursive: true, force: true }));
      await writeFile(join(dir, 'policy.wasm'), other);
      const bytes = await buildPublishPolicy({ file: join(dir, 'policy.wasm'), dryRun: false });
      await expect(admin.putPolicy(bytes)).rejects.toMatchObject({ code: 'startup-failed' });
      expect((await admin.policy()).policy).toBeNull();
    });
  });
}
