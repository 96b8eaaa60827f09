import { concat } from '../../../bytes.ts';
import type { CreateHash } from '../../hash.ts';
import { badDigest, internalError, noSuchUpload } from '../../object-error.ts';
import { bucketOf, bytesOfHex, chosenParts, newObject, randomHex, resolveRange, weightOf } from '../../object-rules.ts';
import type { Objects, Part, StoredObject, Upload } from '../../objects.ts';
import { QuotaExceeded } from '../../quota.ts';
import type { Store } from '../../store.ts';
import { dropFile, takeBody, type Taken } from './body.ts';
import { decodeEntry, encodeEntry, type ObjectEntry } from './entry.ts';
import type { ObjectFiles } from './files.ts';
import { listObjects } from './list.ts';
import { GRACE, Marks, type Owner, type Writing } from './marks.ts';
import { createObjectQuotas, type ObjectQuotasOptions, type ObjectWrite } from './quotas.ts';
import { bodyOf } from './read.ts';
import { createUploads, PART, partName, UPLOAD, type StoredPart } from './uploads.ts';

export interface StoreObjectsOptions extends Pick<ObjectQuotasOptions, 'heads' | 'total'> {
  /** Keeps what is known of objects, and those that are small. */
  readonly store: Store;
  /** Keep the bytes of others. */
  readonly files: ObjectFiles;
  readonly createHash: CreateHash;
  readonly now: () => number;
}

export interface StoreObjects extends Objects {
  /** Takes away files of this host that nothing names any more. */
  sweep(): Promise<void>;
  /** And those of others. */
  sweepWhole(): Promise<void>;
}

/** Bytes of an object that lie in its entry. */
const INLINE = 64 * 1024;
const AT_ONCE = 16;
const ROOT = 'object/';

/**
 * Objects of any number of hosts. A file lies with the server before an entry names it, and goes after no entry names it:
 * the write of the entry, which compares its revision, is the one step in which an object appears, is overwritten or goes.
 */
export function createStoreObjects({ store, files, createHash, now, heads, total }: StoreObjectsOptions): StoreObjects {
  const quotas = createObjectQuotas({ heads, total, files, root: ROOT, now });
  const uploads = createUploads(store, { now, written: quotas.wrote });
  const marks = new Marks({ store, files, now, namedBy });

  async function find(key: string): Promise<(ObjectEntry & { revision: number }) | null> {
    const entry = await store.get(ROOT + key);
    return entry && { ...decodeEntry(key, entry), revision: entry.revision };
  }

  async function namedBy(id: string, { key, part }: Owner): Promise<'object' | 'part' | null> {
    // First: a part's file becomes an object's before the part goes.
    if (part !== undefined && (await uploads.part(part))?.file.id === id) return 'part';
    return (await find(key))?.files.some((file) => file.id === id) === true ? 'object' : null;
  }

  /** Puts in the place of what is there what `make` makes of that; null: nothing. */
  async function replace(
    key: string,
    make: (current: StoredObject | null) => ObjectEntry | null | Promise<ObjectEntry | null>,
    writing?: Writing,
  ): Promise<StoredObject | null> {
    for (;;) {
      const current = await find(key);
      const made = await make(current?.object ?? null);
      if (made === null) return null;
      const kept = new Set(made.files.map(({ id }) => id));
      const unneeded = idsOf(current).filter((id) => !kept.has(id));
      const at = now();
      await marks.doom(unneeded, { key });
      await writing?.confirm();
      const { value, metadata } = encodeEntry(made);
      const revision = await store.put(ROOT + key, value, { metadata, ifRevision: current?.revision ?? 0 });
      if (revision === null) continue;
      quotas.wrote(bucketOf(key), { key: ROOT + key, bytes: weightOf(key, made.object), revision, expires: Infinity });
      await remark(unneeded, { key, at });
      return made.object;
    }
  }

  /** Someone may have looked at the marks already, before the files were forgotten. */
  async function remark(ids: readonly string[], { key, at }: { key: string; at: number }): Promise<void> {
    if (Math.abs(now() - at) > GRACE / 2) await marks.doom(ids, { key });
  }

  async function remove(key: string): Promise<void> {
    for (;;) {
      const current = await find(key);
      if (current === null) return;
      const at = now();
      await marks.doom(idsOf(current), { key });
      if (!(await store.delete(ROOT + key, { ifRevision: current.revision }))) continue;
      // It was of that revision: what is written after it has a later one.
      quotas.wrote(bucketOf(key), { key: ROOT + key, bytes: null, revision: current.revision + 0.5, expires: Infinity });
      return remark(idsOf(current), { key, at });
    }
  }

  /** Gives the files of a taken body to what names them, or drops them. */
  async function keep<Result>({ file }: Taken, { owner, name }: { owner: Owner; name(writing?: Writing): Promise<Result | null> }) {
    if (file === null) return name();
    const { writing } = file;
    let result: Result | null = null;
    try {
      result = await name(writing);
    } finally {
      if (result === null) await dropFile({ id: writing.id, writing, marks, owner });
    }
    if (result !== null && owner.part === undefined) await writing.named().catch(() => {});
    else writing.end();
    return result;
  }

  /** Where there is room for it. */
  async function claimed<Result>(write: ObjectWrite, { size }: Pick<Taken, 'size'>, work: () => Promise<Result>): Promise<Result> {
    const ended = await quotas.claim(write, size);
    try {
      return await work();
    } finally {
      ended();
    }
  }

  async function removeParts(upload: Upload, kept: ReadonlySet<string>): Promise<void> {
    const parts = await uploads.parts(upload.id);
    await each(parts, async ({ partNumber, file: { id } }) => {
      if (!kept.has(id)) await marks.doom([id], { key: upload.key, part: partName(upload.id, partNumber) });
      await uploads.removePart(upload, partNumber);
    });
  }

  async function complete(upload: Upload, named: readonly Part[]): Promise<StoredObject> {
    let chosen: readonly StoredPart[] = [];
    const object = await replace(upload.key, async () => {
      // Each time: what somebody else has ended is no upload any more.
      const found = await uploads.find(upload);
      if (found === null) throw internalError();
      if (found.ended) throw noSuchUpload();
      chosen = chosenParts(await uploads.parts(upload.id), named);
      const hash = createHash('md5');
      hash.update(concat(chosen.map(({ md5 }) => bytesOfHex(md5))));
      const size = chosen.reduce((sum, part) => sum + part.size, 0);
      const etag = `${hash.hex()}-${chosen.length}`;
      const made = newObject({ key: upload.key, size, etag, facts: found.facts, checksums: {}, now });
      return { object: made, files: chosen.map(({ file }) => file), bytes: new Uint8Array() };
    });
    await giveUp(upload, new Set(chosen.map(({ file }) => file.id)));
    return object!;
  }

  /** Ends an upload; its files go, but for those that an object has got. */
  async function giveUp(upload: Upload, kept: ReadonlySet<string>): Promise<void> {
    for (;;) {
      const found = await uploads.find(upload);
      if (found === null || found.ended) return;
      if (await uploads.end(upload, found)) return removeParts(upload, kept);
    }
  }

  return {
    outbox: null,
    head: async (key) => (await find(key))?.object ?? null,
    async get(key, { range, check } = {}) {
      const entry = await find(key);
      if (entry === null) return null;
      const { object } = entry;
      if (check?.(object) === false) return { object, offset: 0, length: object.size, body: null };
      const part = resolveRange(range, object.size);
      return { object, ...part, body: await bodyOf(entry, { files, marks, ...part }) };
    },
    async put(key, body, { check, digest, quota, ...facts } = {}) {
      const owner = { key };
      const algorithms = digest === undefined ? (['md5'] as const) : (['md5', digest.algorithm] as const);
      const write: ObjectWrite = { key, entry: ROOT + key, besides: weightOf(key, facts), quota };
      const make = ({ size, digests, file, bytes }: Taken, current: StoredObject | null): ObjectEntry | null => {
        if (digest !== undefined && digests[digest.algorithm] !== digest.hex)
          throw badDigest(digest.algorithm, { given: digest.hex, actual: digests[digest.algorithm]! });
        if (check?.(current) === false) return null;
        const object = newObject({ key, size, etag: digests.md5!, facts, checksums: digests, now });
        return { object, files: file === null ? [] : [file.file], bytes };
      };
      try {
        const taken = await takeBody(body, { owner, algorithms, inline: INLINE, upTo: quotas.upTo(write), files, marks, createHash });
        return await keep(taken, {
          owner,
          name: (writing) => claimed(write, taken, () => replace(key, (current) => make(taken, current), writing)),
        });
      } catch (error) {
        if (error instanceof QuotaExceeded && check?.((await find(key))?.object ?? null) === false) return null;
        throw error;
      }
    },
    delete: (keys) => each(keys, remove),
    list: (options) => listObjects(store, ROOT, options),
    async createUpload(key, facts, { quota } = {}) {
      const id = randomHex() + randomHex();
      await claimed({ key, entry: UPLOAD + id, besides: weightOf(key, facts), quota }, { size: 0 }, () =>
        uploads.create({ key, id }, facts),
      );
      return id;
    },
    async putPart(upload, { partNumber, body }, { quota } = {}) {
      const found = await uploads.find(upload);
      if (found?.ended !== false) throw noSuchUpload();
      const name = partName(upload.id, partNumber);
      const owner = { key: upload.key, part: name };
      const write: ObjectWrite = { key: upload.key, entry: PART + name, besides: 0, quota };
      const upTo = quotas.upTo(write);
      const taken = await takeBody(body, { owner, algorithms: ['md5'], inline: null, upTo, files, marks, createHash });
      const etag = randomHex();
      const enter = async (writing: Writing): Promise<true> => {
        const { size, digests, file } = taken;
        await writing.confirm();
        const before = await uploads.putPart(upload, { partNumber, size, etag, md5: digests.md5!, file: file!.file }, found);
        if (before !== null) await marks.doom([before.id], owner);
        if ((await uploads.find(upload))?.ended === false) return true;
        await uploads.removePart(upload, partNumber);
        throw noSuchUpload();
      };
      await keep(taken, { owner, name: (writing) => claimed(write, taken, () => enter(writing!)) });
      return etag;
    },
    async endUpload(upload, named) {
      if (named !== null) return complete(upload, named);
      if ((await uploads.find(upload)) === null) throw internalError();
      await giveUp(upload, new Set());
      return null;
    },
    sweep: () => marks.sweep(),
    sweepWhole: () => marks.sweepWhole(),
  };
}

function idsOf(entry: ObjectEntry | null): string[] {
  return entry === null ? [] : entry.files.map(({ id }) => id);
}

async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
