import { nuid } from '@nats-io/nats-core';
import { concat } from '../../bytes.ts';
import type { Bucket } from './bucket.ts';
import type { Parts } from './head.ts';

/** Values that are larger than a message, in parts. They are written before what names them, and taken away after it. */
export interface PartStore {
  write(value: Uint8Array, keep: number | undefined): Promise<Parts>;
  /** Null where they are not all there: what named them has been overwritten meanwhile. */
  read(parts: Parts): Promise<Uint8Array<ArrayBuffer> | null>;
  remove(id: string): Promise<void>;
  /** Ids of values of which some part is there, and that were begun before `time`. */
  before(time: number): Promise<Set<string>>;
  /** Bytes of all of them, or more. */
  bytes(): Promise<number>;
}

/** Parts that are under way at once: enough to keep a server busy, and few enough to bound memory. */
const AT_ONCE = 4;

export function createPartStore(bucket: Bucket, { size, now }: { size: number; now: () => number }): PartStore {
  return {
    async write(value, keep) {
      const id = `${now().toString(36)}-${nuid.next()}`;
      const count = Math.ceil(value.byteLength / size);
      await eachOf(count, async (part) => {
        await bucket.put(`${id}.${part}`, value.subarray(part * size, (part + 1) * size), { head: {}, keep });
      });
      return { id, count, size: value.byteLength };
    },
    async read({ id, count, size: whole }) {
      const parts: Uint8Array[] = [];
      let missing = false;
      await eachOf(count, async (part) => {
        const message = missing ? null : await bucket.get(`${id}.${part}`);
        if (message === null) missing = true;
        else parts[part] = message.value;
      });
      if (missing) return null;
      const value = concat(parts);
      return value.byteLength === whole ? value : null;
    },
    remove: (id) => bucket.purge(id),
    async before(time) {
      const ids = [...(await bucket.scan('>')).keys()].map((subject) => subject.slice(0, subject.indexOf('.')));
      return new Set(ids.filter((id) => Number.parseInt(id, 36) < time));
    },
    bytes: async () => (await bucket.total()).bytes,
  };
}

async function eachOf(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
}
