import { describe, expect, it } from 'vitest';
import { redrive } from '../../host/admin/redrive.ts';
import type { LoadedVersion } from '../../host/dispatch/cell.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import type { Queue } from '../../host/stores/queue.ts';
import type { Store } from '../../host/stores/store.ts';
import type { Hook } from '../../host/webhooks/hook.ts';
import { Seen } from '../../host/webhooks/seen.ts';
import { storeEvents, type Named } from '../../host/webhooks/store.ts';
import { cloudEvent } from '../../sdk/index.ts';

const manifest = parseManifest({ name: 'shop', webhooks: [{ path: '/hooks', scheme: 'cloudevents', queue: 'hooks', dedupe_ttl: 60 }] });
const hook: Hook = { version: { function: 'shop', manifest } as LoadedVersion, settings: manifest.webhooks![0]! };
const named = (id: string): Named => ({ id, event: cloudEvent({ id, source: '/tests', type: 'test' }) });

/** What the host does for one delivery, in order: the claim, the message, the mark. */
const STEPS = ['claim', 'message', 'mark'] as const;
type Step = (typeof STEPS)[number];

/** A state that its host is cut off from at a step: before it is done, or after. */
function world() {
  let time = 1_000_000;
  let cut: { readonly at: Step; readonly done: boolean } | null = null;
  let gone = false;
  const store = createMemoryStore(() => time);
  const queue = createMemoryQueue(() => time);
  const reach = async <Value>(step: Step | null, work: () => Promise<Value>): Promise<Value> => {
    if (gone) throw new Error('gone');
    if (cut === null || cut.at !== step) return work();
    gone = true;
    if (cut.done) await work();
    throw new Error('gone');
  };
  const cutStore: Store = {
    ...store,
    put: (key, value, options) => reach(options?.ifRevision === 0 ? 'claim' : 'mark', () => store.put(key, value, options)),
    delete: (key, options) => reach(null, () => store.delete(key, options)),
  };
  const cutQueue: Pick<Queue, 'send'> = { send: (name, messages, options) => reach('message', () => queue.send(name, messages, options)) };
  return {
    queue,
    cutAt: (at: Step, done: boolean) => void (cut = { at, done }),
    /** Another host, some ms later. */
    again(ms: number) {
      time += ms;
      [cut, gone] = [null, false];
    },
    deliver: (...ids: readonly string[]) =>
      storeEvents(ids.map(named), hook, { queue: cutQueue, quota: undefined, seen: new Seen(cutStore), now: () => time }),
    async take(): Promise<number> {
      const { lease, messages } = await queue.lease('hooks', { limit: 100, ms: 60_000 });
      await queue.settle(
        'hooks',
        lease,
        messages.map(({ id }) => ({ id, to: 'ack' }) as const),
      );
      return messages.length;
    },
  };
}

describe('a host that is lost in the middle of a delivery', () => {
  const cases = STEPS.flatMap((step) => [false, true].map((done) => ({ step, done })));

  it.each(cases)('at the $step, done: $done: the sender comes again, and the queue has one message', async ({ step, done }) => {
    const { cutAt, deliver, again, queue, take } = world();
    cutAt(step, done);
    await expect(deliver('a')).rejects.toThrow('gone');
    again(100);
    // A claim that the lost host has left holds for a while; its mark, for as long as the id is known.
    const marked = step === 'mark' && done;
    if (marked) expect(await deliver('a')).toEqual({ accepted: 0, duplicates: 1 });
    else if (step !== 'claim' || done) await expect(deliver('a')).rejects.toMatchObject({ code: 'webhook-running' });
    again(30_000);
    expect(await deliver('a')).toEqual(marked ? { accepted: 0, duplicates: 1 } : { accepted: 1, duplicates: 0 });
    expect((await queue.counts('hooks')).messages).toBe(1);
    expect(await take()).toBe(1);
    expect(await deliver('a')).toEqual({ accepted: 0, duplicates: 1 });
    expect(await take()).toBe(0);
  });

  it('after the message, which is handled before the sender comes again: it comes twice', async () => {
    const { cutAt, deliver, again, take } = world();
    cutAt('mark', false);
    await expect(deliver('a')).rejects.toThrow('gone');
    again(30_001);
    expect(await take()).toBe(1);
    expect(await deliver('a')).toEqual({ accepted: 1, duplicates: 0 });
    expect(await take()).toBe(1);
  });
});

describe('what is known', () => {
  it('is known for dedupe_ttl', async () => {
    const { deliver, again } = world();
    expect(await deliver('a', 'b', 'a')).toEqual({ accepted: 2, duplicates: 1 });
    again(59_000);
    expect(await deliver('b', 'c')).toEqual({ accepted: 1, duplicates: 1 });
    again(1_001);
    expect(await deliver('a')).toEqual({ accepted: 1, duplicates: 0 });
  });

  it('is none of a batch whose queue took nothing', async () => {
    const { deliver, queue, again } = world();
    const full = { queue: { send: () => Promise.reject(Object.assign(new Error('full'), { name: 'QuotaExceeded' })) } };
    const seen = new Seen(createMemoryStore(() => 0));
    const options = { ...full, quota: undefined, now: () => 0 };
    await expect(storeEvents([named('a')], hook, { ...options, seen })).rejects.toMatchObject({ code: 'webhook-full' });
    expect(await storeEvents([named('a')], hook, { ...options, queue, seen })).toEqual({ accepted: 1, duplicates: 0 });
    again(0);
    await deliver('b');
    // What came by a webhook is moved back nowhere.
    expect(await redrive(queue, 'hooks', null)).toBe(0);
    expect(await redrive(queue, 'hooks', 'other')).toBe(2);
  });
});
