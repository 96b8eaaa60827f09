import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BucketEvent } from '../../host/bindings/r2/events.ts';
import { NOTE_KEEPER } from '../component/wat-blobstore.ts';
import { watComponent } from '../component/wat-component.ts';
import { eventually, freshName, publish, type OpenHost, type TestHost } from '../conformance/harness.ts';
import { publishComponent } from '../conformance/publish-component.ts';

/** Does with its bucket what it is told, in that order. */
const WRITER = `export default { async fetch(request, { FILES }) {
  const done = [];
  for (const [what, key, value] of await request.json()) {
    if (what === 'put') done.push((await FILES.put(key, value)).etag);
    if (what === 'unchanged') done.push(await FILES.put(key, value, { onlyIf: { etagMatches: 'other' } }));
    if (what === 'delete') done.push((await FILES.delete(key)) ?? null);
    if (what === 'parts') {
      const upload = await FILES.createMultipartUpload(key);
      done.push((await upload.complete([await upload.uploadPart(1, value)])).etag);
    }
    if (what === 'abort') done.push((await (await FILES.createMultipartUpload(key)).abort()) ?? null);
  }
  return Response.json(done);
} }`;

/** Logs what it is told, and where it came. */
const TELLER = `export default { queue({ queue, messages }) {
  for (const { body } of messages) console.log(JSON.stringify([queue, body]));
} }`;

/** What happens to objects is told to a queue. */
export function bucketEventsSuite(open: OpenHost): void {
  describe('events of a bucket', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const consuming = (...queues: readonly string[]) => ({
      queues: { consumers: queues.map((queue) => ({ queue, max_batch_timeout: 0 })) },
    });
    const toldTo = (name: string) =>
      host.events.flatMap((each) =>
        each.type === 'console' && each.function === name ? [JSON.parse(each.message) as [queue: string, BucketEvent]] : [],
      );
    const toldOf = (name: string, count: number) => eventually(() => (toldTo(name).length >= count ? toldTo(name) : undefined));
    const actions = (told: readonly [string, BucketEvent][]) => told.map(([, { action, object }]) => `${action} ${object.key}`).toSorted();
    const writing = async (url: string, ...steps: readonly (readonly unknown[])[]) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(steps) });
      expect(response.status).toBe(200);
      return (await response.json()) as unknown[];
    };

    it('puts, uploads in parts and deletes come in the shape of R2, to whom they concern, and nothing else does', async () => {
      const bucket = freshName();
      const [all, images] = [`${bucket}-all`, `${bucket}-images`];
      const teller = await publish(host, TELLER, { alias: 'live', manifest: consuming(all, images) });
      const { url } = await publish(host, WRITER, {
        alias: 'live',
        manifest: {
          r2_buckets: [
            {
              binding: 'FILES',
              bucket_name: bucket,
              notifications: [
                { queue: all, event_type: ['object-create', 'object-delete'] },
                { queue: images, event_type: 'object-create', prefix: 'img/', suffix: '.png' },
              ],
            },
          ],
        },
      });
      const [etag] = await writing(
        url,
        ['put', 'img/a.png', 'hello'],
        ['put', 'img/a.txt', '1'],
        ['unchanged', 'img/a.txt', '2'],
        ['parts', 'img/b.png', 'part'],
        ['abort', 'img/c.png'],
        ['delete', ['img/a.png', 'img/a.txt']],
      );
      const told = await toldOf(teller.name, 7);
      const at = (queue: string) => actions(told.filter(([own]) => own === queue));
      expect(at(all)).toEqual([
        'CompleteMultipartUpload img/b.png',
        'DeleteObject img/a.png',
        'DeleteObject img/a.txt',
        'PutObject img/a.png',
        'PutObject img/a.txt',
      ]);
      expect(at(images)).toEqual(['CompleteMultipartUpload img/b.png', 'PutObject img/a.png']);
      const shape = { account: 'brink', bucket, eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string };
      const find = (action: string, key: string) => told.find(([, each]) => each.action === action && each.object.key === key)![1];
      expect(find('PutObject', 'img/a.png')).toEqual({ ...shape, action: 'PutObject', object: { key: 'img/a.png', size: 5, eTag: etag } });
      expect(find('DeleteObject', 'img/a.txt')).toEqual({ ...shape, action: 'DeleteObject', object: { key: 'img/a.txt' } });
      expect((await host.admin.queues()).map(({ queue }) => queue)).toEqual(expect.arrayContaining([all, images]));
    });

    it('a rule is its bucket’s: what another function writes there is told too, until the rule is gone', async () => {
      const bucket = freshName();
      const queue = `${bucket}-events`;
      const files = { binding: 'FILES', bucket_name: bucket };
      const rule = { ...files, notifications: [{ queue, event_type: 'object-create' }] };
      const teller = await publish(host, TELLER, { alias: 'live', manifest: { ...consuming(queue), r2_buckets: [rule] } });
      const { url } = await publish(host, WRITER, { alias: 'live', manifest: { r2_buckets: [files] } });
      const apart = await publish(host, WRITER, { alias: 'live', manifest: { r2_buckets: [{ binding: 'FILES' }] } });
      await writing(apart.url, ['put', 'elsewhere', '']);
      await writing(url, ['put', 'one', '']);
      expect(actions(await toldOf(teller.name, 1))).toEqual(['PutObject one']);
      await publish(host, `${TELLER}//2`, { name: teller.name, alias: 'live', manifest: consuming(queue) });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await writing(url, ['put', 'two', '']);
      await host.admin.rollback(teller.name, 'live');
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await writing(url, ['put', 'three', '']);
      expect(actions(await toldOf(teller.name, 2))).toEqual(['PutObject one', 'PutObject three']);
    });

    it('what a component writes through wasi:blobstore is told as well', async () => {
      const bucket = freshName();
      const queue = `${bucket}-events`;
      const teller = await publish(host, TELLER, { alias: 'live', manifest: consuming(queue) });
      const wasm = await watComponent('0.2', NOTE_KEEPER);
      const { url } = await publishComponent(
        host,
        wasm,
        `[[r2_buckets]]\nbinding = "FILES"\nbucket_name = "${bucket}"\n[[r2_buckets.notifications]]\nqueue = "${queue}"\nevent_type = "object-create"\n`,
      );
      expect((await fetch(`${url}/kept`)).status).toBe(200);
      const [[, event]] = (await toldOf(teller.name, 1)) as [[string, BucketEvent]];
      expect(event).toMatchObject({ action: 'PutObject', bucket, object: { key: 'note' } });
      expect(event.object.size).toBeGreaterThan(0);
    });
  });
}
