import { bucketOf, checkSize, MAX_OBJECT } from '../../object-rules.ts';
import type { Quota } from '../../quota.ts';
import type { Heading } from '../bucket.ts';
import type { Kept } from '../counted.ts';
import { Quotas } from '../quotas.ts';
import { decodeFacts } from './entry.ts';
import type { ObjectFiles } from './files.ts';
import { PART, UPLOAD, type Counting } from './uploads.ts';

export interface ObjectQuotasOptions {
  /** The heads of live entries whose keys begin so. */
  heads(prefix: string): Promise<ReadonlyMap<string, Pick<Heading, 'head' | 'revision'>>>;
  /** Of the store that they lie in, or more. */
  total(): Promise<{ readonly messages: number; readonly bytes: number }>;
  readonly files: ObjectFiles;
  /** Where objects lie in the store. */
  readonly root: string;
  readonly now: () => number;
}

/** A write of an entry of the store, for an object that has `key`. */
export interface ObjectWrite {
  readonly key: string;
  readonly entry: string;
  /** What it takes beside the bytes of its body. */
  readonly besides: number;
  readonly quota: Quota | undefined;
}

/** What buckets have room for. */
export interface ObjectQuotas {
  /** As `TakeOptions.upTo`. @throws {QuotaExceeded} */
  upTo(write: ObjectWrite): (size: number) => Promise<number>;
  /** Gives what says that the write has ended. @throws {QuotaExceeded} */
  claim(write: ObjectWrite, size: number): Promise<() => void>;
  wrote(bucket: string, entry: Kept & { readonly key: string }): void;
}

/** As `Quotas` counts: objects, uploads that have not ended, and their parts. */
export function createObjectQuotas({ heads, total, files, root, now }: ObjectQuotasOptions): ObjectQuotas {
  const quotas = new Quotas({
    now,
    async total() {
      const { messages, bytes } = await total();
      return { keys: messages, bytes: bytes + (await files.bytes()) };
    },
    async entries(bucket) {
      const found = new Map<string, Kept>();
      const keep = (entry: string, bytes: number, { head, revision }: Pick<Heading, 'head' | 'revision'>) =>
        found.set(entry, { bytes, revision, expires: head.expires ?? Infinity });
      // Parts first: one that becomes an object meanwhile is counted twice rather than not at all.
      for (const prefix of [PART, UPLOAD]) {
        for (const [entry, heading] of await heads(prefix)) {
          const { key, bytes } = JSON.parse(heading.head.metadata ?? '{}') as Partial<Counting>;
          if (key !== undefined && bucketOf(key) === bucket) keep(entry, bytes!, heading);
        }
      }
      for (const [entry, heading] of await heads(root + bucket))
        keep(entry, decodeFacts(entry.slice(root.length), heading.head.metadata!).weight, heading);
      return found;
    },
  });
  const claimOf = ({ key, entry, besides }: ObjectWrite, size: number) => ({ group: bucketOf(key), key: entry, bytes: besides + size });
  return {
    upTo:
      ({ quota, ...write }) =>
      async (size) => {
        checkSize(size);
        if (quota === undefined) return MAX_OBJECT;
        return Math.min(MAX_OBJECT, (await quotas.room({ ...claimOf({ quota, ...write }, size), quota })) - write.besides);
      },
    async claim({ quota, ...write }, size) {
      return quota === undefined ? () => {} : quotas.claim({ ...claimOf({ quota, ...write }, size), quota });
    },
    wrote: (group, { key, ...kept }) => quotas.wrote({ group, key }, kept),
  };
}
