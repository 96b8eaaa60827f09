import type { ObjectFacts, Upload } from '../../objects.ts';
import { UPLOAD_LIFE, type UploadedPart } from '../../object-rules.ts';
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
  putPart(id: string, part: StoredPart, found: StoredUpload): Promise<File | null>;
  removePart(id: string, partNumber: number): Promise<void>;
}

const UPLOAD = 'upload/';
const PART = 'part/';
const EMPTY = new Uint8Array();
const utf8 = new TextEncoder();
const text = new TextDecoder();

export function createUploads(store: Store, now: () => number): Uploads {
  const nameOf = ({ id }: Upload) => UPLOAD + id;
  const left = (created: number) => Math.max(1, created + UPLOAD_LIFE - now());
  const bytesOf = (value: object) => utf8.encode(JSON.stringify(value));
  return {
    async create(upload, facts) {
      const created = now();
      await store.put(nameOf(upload), bytesOf({ key: upload.key, facts, created, ended: false }), { ttl: UPLOAD_LIFE });
    },
    async find(upload) {
      const entry = await store.get(nameOf(upload));
      if (entry === null) return null;
      const { key, ...found } = JSON.parse(text.decode(entry.value)) as Omit<StoredUpload, 'revision'> & { key: string };
      return key === upload.key ? { ...found, revision: entry.revision } : null;
    },
    async end(upload, { facts, created, revision }) {
      const value = bytesOf({ key: upload.key, facts, created, ended: true });
      return (await store.put(nameOf(upload), value, { ttl: left(created), ifRevision: revision })) !== null;
    },
    async parts(id) {
      const { metadata } = await store.list({ prefix: `${PART}${id}/`, limit: Infinity, withMetadata: true });
      return Array.from(metadata!.values(), (json) => JSON.parse(json) as StoredPart);
    },
    async part(name) {
      const entry = await store.get(PART + name);
      return entry === null ? null : (JSON.parse(entry.metadata!) as StoredPart);
    },
    async putPart(id, part, { created }) {
      const name = partName(id, part.partNumber);
      for (;;) {
        const before = await store.get(PART + name);
        const metadata = JSON.stringify(part);
        const done = await store.put(PART + name, EMPTY, { metadata, ttl: left(created), ifRevision: before?.revision ?? 0 });
        if (done !== null) return before === null ? null : (JSON.parse(before.metadata!) as StoredPart).file;
      }
    },
    async removePart(id, partNumber) {
      await store.delete(PART + partName(id, partNumber));
    },
  };
}

export function partName(id: string, partNumber: number): string {
  return `${id}/${partNumber}`;
}
