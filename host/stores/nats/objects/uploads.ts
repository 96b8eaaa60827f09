import type { ObjectFacts, Upload } from '../../objects.ts';
import { bucketOf, UPLOAD_LIFE, weightOf, type UploadedPart } from '../../object-rules.ts';
import type { Store } from '../../store.ts';
import type { File } from './entry.ts';

export interface StoredUpload {
  readonly facts: ObjectFacts;
  readonly created: number;
  readonly ended: boolean;
  readonly revision: number;
}

export interface StoredPart extends UploadedPart {
  readonly file: File;
  readonly md5: string;
}

/** What is written of them, or gone; `bytes` is what it takes of its bucket's quota, null where that is nothing any more. */
export type UploadWritten = (bucket: string, entry: { key: string; bytes: number | null; revision: number; expires: number }) => void;

/** Uploads in a store, where they expire. */
export interface Uploads {
  create(upload: Upload, facts: ObjectFacts): Promise<void>;
  /** Null where there is none. */
  find(upload: Upload): Promise<StoredUpload | null>;
  /** False where someone else has ended it. */
  end(upload: Upload, found: StoredUpload): Promise<boolean>;
  parts(id: string): Promise<StoredPart[]>;
  /** As the mark of its file has it: the upload's id, a slash, and the number. */
  part(name: string): Promise<StoredPart | null>;
  /** Gives the file of the part that was there. */
  putPart(upload: Upload, part: StoredPart, found: StoredUpload): Promise<File | null>;
  removePart(upload: Upload, partNumber: number): Promise<void>;
}

/** What the metadata of an upload that has not ended, and of a part, say for the count of a bucket. */
export interface Counting {
  /** Of the object. */
  readonly key: string;
  readonly bytes: number;
}

export const UPLOAD = 'upload/';
export const PART = 'part/';
const EMPTY = new Uint8Array();
const utf8 = new TextEncoder();
const text = new TextDecoder();

export function createUploads(store: Store, { now, written }: { now: () => number; written: UploadWritten }): Uploads {
  const nameOf = ({ id }: Upload) => UPLOAD + id;
  const left = (created: number) => Math.max(1, created + UPLOAD_LIFE - now());
  const bytesOf = (value: object) => utf8.encode(JSON.stringify(value));
  return {
    async create(upload, facts) {
      const created = now();
      const value = bytesOf({ key: upload.key, facts, created, ended: false });
      const metadata = JSON.stringify({ key: upload.key, bytes: weightOf(upload.key, facts) } satisfies Counting);
      const revision = (await store.put(nameOf(upload), value, { metadata, ttl: UPLOAD_LIFE }))!;
      const expires = created + UPLOAD_LIFE;
      written(bucketOf(upload.key), { key: nameOf(upload), bytes: weightOf(upload.key, facts), revision, expires });
    },
    async find(upload) {
      const entry = await store.get(nameOf(upload));
      if (entry === null) return null;
      const { key, ...found } = JSON.parse(text.decode(entry.value)) as Omit<StoredUpload, 'revision'> & { key: string };
      return key === upload.key ? { ...found, revision: entry.revision } : null;
    },
    async end(upload, { facts, created, revision }) {
      const value = bytesOf({ key: upload.key, facts, created, ended: true });
      const ended = await store.put(nameOf(upload), value, { ttl: left(created), ifRevision: revision });
      if (ended !== null) written(bucketOf(upload.key), { key: nameOf(upload), bytes: null, revision: ended, expires: Infinity });
      return ended !== null;
    },
    async parts(id) {
      const { metadata } = await store.list({ prefix: `${PART}${id}/`, limit: Infinity, withMetadata: true });
      return Array.from(metadata!.values(), (json) => JSON.parse(json) as StoredPart);
    },
    async part(name) {
      const entry = await store.get(PART + name);
      return entry === null ? null : (JSON.parse(entry.metadata!) as StoredPart);
    },
    async putPart({ key, id }, part, { created }) {
      const name = partName(id, part.partNumber);
      for (;;) {
        const before = await store.get(PART + name);
        const metadata = JSON.stringify({ ...part, key, bytes: part.size } satisfies StoredPart & Counting);
        const revision = await store.put(PART + name, EMPTY, { metadata, ttl: left(created), ifRevision: before?.revision ?? 0 });
        if (revision === null) continue;
        written(bucketOf(key), { key: PART + name, bytes: part.size, revision, expires: created + UPLOAD_LIFE });
        return before === null ? null : (JSON.parse(before.metadata!) as StoredPart).file;
      }
    },
    async removePart({ key, id }, partNumber) {
      await store.delete(PART + partName(id, partNumber));
      // None comes after it.
      written(bucketOf(key), { key: PART + partName(id, partNumber), bytes: null, revision: Infinity, expires: Infinity });
    },
  };
}

export function partName(id: string, partNumber: number): string {
  return `${id}/${partNumber}`;
}
