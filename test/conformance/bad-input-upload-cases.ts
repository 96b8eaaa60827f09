import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACT_MAX_BYTES, encodeArtifact } from '../../host/registry/artifact.ts';
import { ARTIFACT_MEDIA_TYPE } from '../../host/registry/media-type.ts';
import { artifactBytes, framed, victimOn, type Victim } from './bad-input-guard.ts';
import { artifactOf, type TestHost } from './harness.ts';
import type { RawResponse } from './raw-request.ts';
import { mirror } from './traffic-mirror.ts';

const MIB = 1024 * 1024;

/** Uploads that are no artifact, or not the one that was sent. */
export function uploadCases(current: () => TestHost): void {
  let host: TestHost;
  let victim: Victim;
  let good: Uint8Array<ArrayBuffer>;
  /** Bytes that the last `pour` has sent. */
  let poured = 0;
  beforeAll(async () => {
    host = current();
    victim = await victimOn(host);
    good = encodeArtifact(artifactOf(victim.name, { 'index.js': mirror('new'), 'other.js': 'export const other = 1;' }));
  });

  const invalid = (detail: RegExp) => ({ status: 400, code: 'artifact-invalid', detail });

  describe('an upload is refused', () => {
    it('that has no bytes', () => victim.refuses(() => victim.upload(new Uint8Array(0)), invalid(/does not begin as one/)));

    it('that begins as something else', () =>
      victim.refuses(() => victim.upload(Buffer.from('PK\x03\x04 a zip file')), invalid(/brink publish/)));

    it('whose header is cut off', () => victim.refuses(() => victim.upload(good.subarray(0, 40)), invalid(/ends inside its header/)));

    it('whose header claims more bytes than there can be', () => {
      const bytes = good.slice();
      bytes.set([255, 255, 255, 255], 8);
      return victim.refuses(() => victim.upload(bytes), invalid(/ends inside its header/));
    });

    it.each([
      ['is not JSON', '{"manifest":', /header is not JSON/],
      ['is not UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), /header/],
      ['is null', 'null', /lacks manifest, mainModule or modules/],
      ['has no modules', '{"mainModule":"index.js","manifest":{}}', /lacks/],
      ['has a module without a size', '{"mainModule":"a.js","manifest":{},"modules":[{"name":"a.js","type":"js"}]}', /lacks/],
      ['has a module of a negative size', '{"mainModule":"a.js","manifest":{},"modules":[{"name":"a.js","size":-1,"type":"js"}]}', /lacks/],
      ['has a module of an unknown type', '{"mainModule":"a.js","manifest":{},"modules":[{"name":"a.js","size":0,"type":"exe"}]}', /lacks/],
      ['has a key that no header has', '{"extra":1,"mainModule":"a.js","manifest":{},"modules":[]}', /lacks/],
      ['is not canonical', '{"modules":[],"mainModule":"a.js","manifest":{}}', /canonical/],
      ['has spaces', '{"mainModule": "a.js","manifest":{},"modules":[]}', /canonical/],
      ['names no main module that there is', '{"mainModule":"a.js","manifest":{},"modules":[]}', /main module "a.js"/],
    ])('whose header %s', (_what, header, detail) => victim.refuses(() => victim.upload(framed(header)), invalid(detail)));

    it('whose main module is not JavaScript', () => {
      const header = { mainModule: 'a.txt', manifest: {}, modules: [{ name: 'a.txt', type: 'text', size: 1 }] };
      return victim.refuses(() => victim.upload(artifactBytes(header, 'x')), invalid(/main module "a.txt" is not among its js modules/));
    });

    it('with a module twice', () => {
      const modules = [1, 2].map(() => ({ name: 'a.js', type: 'js', size: 1 }));
      return victim.refuses(
        () => victim.upload(artifactBytes({ mainModule: 'a.js', manifest: {}, modules }, 'x', 'y')),
        invalid(/"a.js" stands twice/),
      );
    });

    it('that is cut off inside a module, which it names', () =>
      victim.refuses(
        () => victim.upload(good.subarray(0, good.byteLength - 1)),
        invalid(/inside module "other.js": the upload was cut off/),
      ));

    it('with more bytes than it says', () => {
      const bytes = new Uint8Array(good.byteLength + 3);
      bytes.set(good);
      return victim.refuses(() => victim.upload(bytes), invalid(/3 bytes follow/));
    });

    it('that changed on its way', async () => {
      const digest = createHash('sha256').update(good).digest();
      const bytes = good.slice();
      bytes[bytes.byteLength - 2]! ^= 1;
      const headers = { 'content-digest': `sha-256=:${digest.toString('base64')}:` };
      await victim.refuses(() => victim.upload(bytes, headers), {
        status: 400,
        code: 'artifact-digest-mismatch',
        detail: new RegExp(digest.toString('hex')),
      });
    });

    it('of a function other than the one that it was sent to', async () => {
      const other = encodeArtifact(artifactOf('other-name', { 'index.js': mirror('new') }));
      await victim.refuses(() => victim.upload(other), { status: 400, code: 'manifest-invalid', key: 'name', detail: /other-name/ });
    });

    it.each([
      '../x.js',
      '/x.js',
      'a//b.js',
      'a\\b.js',
      './x.js',
      'a/../../x.js',
      'C:x.js',
      'file:///etc/passwd',
      'a/',
      '',
      'node:fs',
      'x\0.js',
      'a?b.js',
      '%2e%2e/x.js',
    ])('with a module of the name %j', (module) => {
      const modules = [module, 'index.js'].toSorted().map((name) => ({ name, type: 'js', size: name === 'index.js' ? 18 : 0 }));
      const bytes = artifactBytes({ mainModule: 'index.js', manifest: { name: victim.name }, modules }, 'export default {};');
      return victim.refuses(() => victim.upload(bytes), { status: 400, code: 'module-name-invalid', name: module });
    });

    it.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain'])('of the type %s', (type) =>
      victim.refuses(() => victim.upload(good, { 'content-type': type }), {
        status: 400,
        code: 'bad-request',
        path: 'content-type',
        detail: new RegExp(ARTIFACT_MEDIA_TYPE),
      }),
    );
  });

  describe('an upload of more than 64 MiB is refused', () => {
    const expected = { status: 413, code: 'artifact-too-large', limit: ARTIFACT_MAX_BYTES };

    it('by what it announces, before it comes', async () => {
      await victim.refuses(() => pour({ 'content-length': String(100_000 * MIB) }, 64), { ...expected, bytes: 100_000 * MIB });
      await victim.refuses(() => pour({ 'content-length': String(ARTIFACT_MAX_BYTES + 1) }, 64), {
        ...expected,
        bytes: ARTIFACT_MAX_BYTES + 1,
      });
    });

    it('where it announces nothing, by the first byte too many', () =>
      victim.refuses(() => pour({}, ARTIFACT_MAX_BYTES + 1), { ...expected, bytes: ARTIFACT_MAX_BYTES + 1 }));

    it('and not read on, where its sender does not stop', async () => {
      // Who sends on after the answer may see the connection end before it has read that.
      const outcome = await pour({}, 10_000 * MIB).catch((error: Error) => error);
      if (!(outcome instanceof Error)) expect(outcome.status).toBe(413);
      expect(poured).toBeLessThan(160 * MIB);
      expect((await host.admin.function(victim.name)).versions).toHaveLength(1);
    });
  });

  it('an upload that breaks off leaves nothing', async () => {
    const before = await host.admin.function(victim.name);
    await breakOff(good);
    await victim.refuses(() => victim.upload(good.subarray(0, 20)), { status: 400, code: 'artifact-invalid' });
    expect(await host.admin.function(victim.name)).toEqual(before);
  });

  /** Sends so many bytes of an upload, does not end it, and waits for the answer. */
  function pour(headers: Record<string, string>, most: number): Promise<RawResponse> {
    const chunk = new Uint8Array(MIB);
    poured = 0;
    let answered = false;
    return new Promise((resolve, reject) => {
      const outgoing = uploading(headers);
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        answered = true;
        let text = '';
        incoming.setEncoding('utf8').on('data', (part: string) => (text += part));
        incoming.on('error', reject);
        incoming.on('end', () => {
          outgoing.destroy();
          resolve({ status: incoming.statusCode!, headers: incoming.headers, text, json: JSON.parse(text) as Record<string, unknown> });
        });
      });
      const more = () => {
        while (!answered && !outgoing.destroyed && poured < most) {
          const next = Math.min(MIB, most - poured);
          poured += next;
          if (!outgoing.write(chunk.subarray(0, next))) return void outgoing.once('drain', more);
        }
      };
      more();
    });
  }

  function breakOff(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const outgoing = uploading({ 'content-length': String(bytes.byteLength) });
      outgoing.on('error', () => {});
      outgoing.on('close', resolve);
      outgoing.write(bytes.subarray(0, 30), () => outgoing.destroy());
    });
  }

  function uploading(headers: Record<string, string>) {
    return request(`${host.url}/_brink/functions/${victim.name}/versions`, {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${host.token}`, 'content-type': ARTIFACT_MEDIA_TYPE, ...headers },
    });
  }
}
