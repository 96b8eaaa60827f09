import { concat } from '../bytes.ts';
import type { Files, WrittenFile } from './files.ts';
import { Holds } from './holds.ts';
import { createObjectIndex, type ObjectIndex, type Segment } from './object-index.ts';
import { ObjectRoom } from './object-room.ts';
import { badDigest, internalError, noSuchUpload, ObjectError } from './object-error.ts';
import { bucketOf, bytesOfHex, checkSize, chosenParts, newObject, randomHex, resolveRange, UPLOAD_LIFE, weightOf } from './object-rules.ts';
import type { Algorithm, FoundObject, ObjectBytes, ObjectFacts, Objects, Part, PutObject, StoredObject, Upload } from './objects.ts';
import { excessOf, QuotaExceeded, type Quota } from './quota.ts';
import { createSqlOutbox, MAX_WAITING, type ObjectChange, type Note } from './outbox.ts';
import { createWriter, settle } from './sql-writer.ts';
import type { Sql } from './sql.ts';

export interface SqlObjectsOptions {
  /** Keeps what is known of objects. */
  readonly sql: Sql;
  /** Keep their bytes. */
  readonly files: Files;
  readonly now: () => number;
}

export interface SqlObjects extends Objects {
  /** Removes files that a crash has left, and what is in the way no more. To be called when it is opened; others may work meanwhile. */
  sweep(): Promise<void>;
}

/** Bytes of an object that come whole, not as a stream. */
const SMALL = 64 * 1024;

/**
 * Objects in files, with an index of them in SQLite. A file is complete and synced before the index names it, and removed
 * after the index has forgotten it: so a crash leaves files that nobody knows, and no object without its bytes.
 */
export function createSqlObjects({ sql, files, now }: SqlObjectsOptions): SqlObjects {
  const index = createObjectIndex(sql);
  const holds = new Holds((names) => files.remove(names));
  const outbox = createSqlOutbox(sql, { table: 'object_event', full: tooManyEvents });
  const write = createWriter(sql, index.usage);
  const tell = (note: Note | undefined, change: ObjectChange) => note && outbox.post(note(change));
  const room = new ObjectRoom((bucket) => index.usage.of(bucket));

  /** Takes a file into the index, or removes it where that does not happen. */
  const enter = async <Result>(file: WrittenFile, work: () => { result: Result; unneeded: string[] }): Promise<Result> => {
    try {
      const { result, unneeded } = await write(work);
      await holds.remove(unneeded);
      return result;
    } catch (error) {
      await files.remove([file.name]);
      throw error;
    }
  };

  /** A file of bytes that come, as long as there is room for them. */
  const receive = async (body: ObjectBytes, { key, facts, old, quota, algorithms }: Receive): Promise<WrittenFile> => {
    if (quota === undefined) return files.write(body, { admit: checkSize, algorithms });
    const grown = room.begin({ bucket: bucketOf(key), quota, old });
    const besides = facts === null ? 0 : weightOf(key, facts);
    const admit = (size: number) => {
      checkSize(size);
      grown.admit(besides + size);
    };
    try {
      admit(0);
      return await files.write(body, { admit, algorithms });
    } finally {
      grown.end();
    }
  };

  /** After what a transaction has entered, which is undone where that was too much. `old`: what has gone for it. */
  const checkRoom = (key: string, { added, old, quota }: { added: number; old: number | null; quota: Quota | undefined }): void => {
    if (quota === undefined) return;
    const { keys, bytes } = index.usage.of(bucketOf(key));
    const grown = { keys: old === null ? 1 : 0, bytes: added - (old ?? 0) };
    const what = excessOf({ keys: keys - grown.keys, bytes: bytes - grown.bytes }, grown, quota);
    if (what !== null) throw new QuotaExceeded(what, quota[what]);
  };

  return {
    outbox,
    head: (key) => settle(() => index.object(key)),
    async get(key, { range, check } = {}): Promise<FoundObject | null> {
      const object = index.object(key);
      if (object === null) return null;
      if (check?.(object) === false) return { object, offset: 0, length: object.size, body: null };
      const part = resolveRange(range, object.size);
      const pieces = piecesOf(index.segments(key), part);
      // Nothing was waited for so far, so these are the object's.
      const release = holds.hold(pieces.map(({ name }) => name));
      return { object, ...part, body: await bodyOf(files, pieces, { length: part.length, release }) };
    },
    async put(key, body, { check, digest, quota, note, ...facts }: PutObject = {}) {
      const algorithms = digest === undefined ? (['md5'] as const) : (['md5', digest.algorithm] as const);
      const takenBy = (object: StoredObject | null) => object && weightOf(key, object);
      let file: WrittenFile;
      try {
        file = await receive(body, { key, facts, old: takenBy(index.object(key)), quota, algorithms });
      } catch (error) {
        if (error instanceof QuotaExceeded && check?.(index.object(key)) === false) return null;
        throw error;
      }
      const { size, digests } = file;
      return enter(file, () => {
        if (digest !== undefined && digests[digest.algorithm] !== digest.hex)
          throw badDigest(digest.algorithm, { given: digest.hex, actual: digests[digest.algorithm]! });
        const current = index.object(key);
        if (check?.(current) === false) return { result: null, unneeded: [file.name] };
        const object = newObject({ key, size, etag: digests.md5!, facts, checksums: digests, now });
        const unneeded = index.put(object, [file]);
        checkRoom(key, { added: weightOf(key, object), old: takenBy(current), quota });
        tell(note, { key, object });
        return { result: object, unneeded };
      });
    },
    async delete(keys, { note } = {}) {
      const removed = await write(() => {
        if (note !== undefined) for (const key of new Set(keys)) if (index.object(key) !== null) tell(note, { key, object: null });
        return index.remove(keys);
      });
      await holds.remove(removed);
    },
    list: (options) => settle(() => index.list(options)),
    async createUpload(key, facts, { quota } = {}) {
      const id = randomHex() + randomHex();
      const unneeded = await write(() => {
        const forgotten = index.forgetUploads(now() - UPLOAD_LIFE);
        index.createUpload({ key, id }, { facts, created: now() });
        checkRoom(key, { added: weightOf(key, facts), old: null, quota });
        return forgotten;
      });
      await holds.remove(unneeded);
      return id;
    },
    async putPart(upload, { partNumber, body }, { quota } = {}) {
      openUpload(index, upload);
      const { key, id } = upload;
      const file = await receive(body, { key, facts: null, old: index.partSize(id, partNumber), quota, algorithms: ['md5'] });
      return enter(file, () => {
        openUpload(index, upload);
        const etag = randomHex();
        const old = index.partSize(id, partNumber);
        const unneeded = index.putPart(upload, { partNumber, ...file, etag, md5: file.digests.md5! });
        checkRoom(key, { added: file.size, old, quota });
        return { result: etag, unneeded };
      });
    },
    async endUpload(upload, named, { note } = {}) {
      const { result, unneeded } = await write(() => {
        const ended = endUpload({ index, files, now }, upload, named);
        if (ended.result !== null) tell(note, { key: upload.key, object: ended.result });
        return ended;
      });
      await holds.remove(unneeded);
      return result;
    },
    async sweep() {
      await holds.remove(await write(() => index.forgetUploads(now() - UPLOAD_LIFE)));
      for await (const names of files.earlier()) await holds.remove(index.unknown(names));
    },
  };
}

interface Receive {
  readonly key: string;
  /** Null of a part, which has none. */
  readonly facts: Partial<ObjectFacts> | null;
  readonly old: number | null;
  readonly quota: Quota | undefined;
  readonly algorithms: readonly Algorithm[];
}

function tooManyEvents(): ObjectError {
  return new ObjectError(
    10058,
    `Too many events of buckets wait for room in their queues (${MAX_WAITING}). Have them consumed, or purge them.`,
  );
}

interface Ending {
  readonly index: ObjectIndex;
  readonly files: Files;
  readonly now: () => number;
}

function endUpload(
  { index, files, now }: Ending,
  upload: Upload,
  named: readonly Part[] | null,
): { result: StoredObject | null; unneeded: string[] } {
  const known = index.upload(upload);
  if (known === null) throw internalError();
  if (named === null) return { result: null, unneeded: known.ended ? [] : index.endUpload(upload, []) };
  if (known.ended) throw noSuchUpload();
  const parts = chosenParts(index.parts(upload.id), named);
  const md5s = concat(parts.map(({ md5 }) => bytesOfHex(md5)));
  const object = newObject({
    key: upload.key,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: `${files.digest('md5', md5s)}-${parts.length}`,
    facts: known.facts,
    checksums: {},
    now,
  });
  return { result: object, unneeded: [...index.put(object, parts), ...index.endUpload(upload, parts)] };
}

function openUpload(index: ObjectIndex, upload: Upload): void {
  if (index.upload(upload)?.ended !== false) throw noSuchUpload();
}

interface Piece {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

function piecesOf(segments: readonly Segment[], { offset, length }: { offset: number; length: number }): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (const { name, size } of segments) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + size);
    if (from < to) pieces.push({ name, offset: from - start, length: to - from });
    start += size;
  }
  return pieces;
}

async function bodyOf(
  files: Files,
  pieces: readonly Piece[],
  { length, release }: { length: number; release: () => void },
): Promise<ObjectBytes> {
  if (length > SMALL) return joined(files, pieces, release);
  try {
    const parts = await Promise.all(pieces.map(({ name, ...part }) => files.bytes(name, part)));
    return parts.length === 1 ? parts[0]! : concat(parts);
  } finally {
    release();
  }
}

function joined(files: Files, pieces: readonly Piece[], release: () => void): ReadableStream<Uint8Array> {
  const left = [...pieces];
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream({
    async pull(controller) {
      try {
        for (;;) {
          if (reader === undefined) {
            const piece = left.shift();
            if (piece === undefined) {
              release();
              return controller.close();
            }
            reader = files.read(piece.name, piece).getReader();
          }
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          reader = undefined;
        }
      } catch (error) {
        release();
        throw error;
      }
    },
    async cancel(reason) {
      await reader?.cancel(reason).catch(() => {});
      release();
    },
  });
}
