import { createHash, randomBytes } from 'node:crypto';
import { close, mkdirSync, open as openFile, read, readdirSync } from 'node:fs';
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Files, WriteFile, WrittenFile } from '../../stores/files.ts';
import type { ObjectBytes } from '../../stores/objects.ts';

/** Bytes that are read at once. */
const PIECE = 256 * 1024;

// Numbers, not objects: a stream that nobody cancels would take the process with it when its object is collected.
const [openToRead, readInto, closed] = [promisify(openFile) as (path: string) => Promise<number>, promisify(read), promisify(close)];

interface Extent {
  readonly offset: number;
  readonly length: number;
}

/**
 * Files in folders of a directory, which it makes where it is not there.
 *
 * A name is this process's own and a number, so that those of earlier processes can be told apart. No other name is
 * needed while a file is written: nobody looks for it before its name is known.
 */
export function createFiles(directory: string): Files {
  const own = randomBytes(8).toString('hex');
  let written = 0;
  mkdirSync(directory, { recursive: true });
  const folders = new Set(readdirSync(directory));
  // Of 256, so that none has very many.
  const folderOf = (name: string) => name.slice(-2);
  const pathOf = (name: string) => join(directory, folderOf(name), name);
  const makeFolder = async (folder: string) => {
    if (folders.has(folder)) return;
    await mkdir(join(directory, folder), { recursive: true });
    await syncDirectory(directory);
    folders.add(folder);
  };

  return {
    async write(body, options) {
      const name = `${own}-${(written++).toString(16).padStart(8, '0')}`;
      const path = pathOf(name);
      await makeFolder(folderOf(name));
      const file = await open(path, 'wx');
      try {
        const facts = await fill(file, { body, ...options });
        await file.sync();
        await file.close();
        await syncDirectory(join(path, '..'));
        return { name, ...facts };
      } catch (error) {
        await file.close().catch(() => {});
        await rm(path, { force: true });
        throw error;
      }
    },
    read: (name, part) => streamOf(pathOf(name), part),
    async bytes(name, part) {
      const file = await openToRead(pathOf(name));
      try {
        return await exactly(file, part);
      } finally {
        await closed(file);
      }
    },
    async remove(names) {
      for (const name of names) await rm(pathOf(name), { force: true });
    },
    async *earlier() {
      for (const folder of folders) yield (await readdir(join(directory, folder))).filter((name) => !name.startsWith(`${own}-`));
    },
    digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest('hex'),
  };
}

/** One piece is written while the next one comes and is hashed. */
async function fill(file: FileHandle, { body, admit, algorithms }: WriteFile & { body: ObjectBytes }): Promise<Omit<WrittenFile, 'name'>> {
  const hashes = [...new Set(algorithms)].map((algorithm) => [algorithm, createHash(algorithm)] as const);
  let size = 0;
  let writing: Promise<unknown> = Promise.resolve();
  try {
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      if (!(piece instanceof Uint8Array)) throw new TypeError('The stream gave something that is not bytes.');
      size += piece.byteLength;
      admit(size);
      for (const [, hash] of hashes) hash.update(piece);
      await writing;
      writing = whole(file, piece);
      // Looked at before the next one, or at the end.
      writing.catch(() => {});
    }
  } finally {
    await writing;
  }
  return { size, digests: Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')])) };
}

/** A write may take a part alone. */
async function whole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) at += (await file.write(bytes, at, bytes.byteLength - at)).bytesWritten;
}

async function syncDirectory(path: string): Promise<void> {
  // Windows has no such thing, and needs none.
  if (process.platform === 'win32') return;
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function streamOf(path: string, { offset, length }: Extent): ReadableStream<Uint8Array> {
  let file: number | undefined;
  let at = offset;
  const end = offset + length;
  const finish = async () => {
    const open = file;
    file = undefined;
    if (open !== undefined) await closed(open);
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        file ??= await openToRead(path);
        const bytes = await exactly(file, { offset: at, length: Math.min(PIECE, end - at) });
        at += bytes.byteLength;
        controller.enqueue(bytes);
        if (at < end) return;
        await finish();
        controller.close();
      } catch (error) {
        await finish();
        throw error;
      }
    },
    cancel: finish,
  });
}

async function exactly(file: number, { offset, length }: Extent): Promise<Uint8Array<ArrayBuffer>> {
  // A view of a pool could not be given away.
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await readInto(file, bytes, at, length - at, offset + at);
    if (bytesRead === 0) throw new Error('A file is shorter than it was.');
    at += bytesRead;
  }
  return bytes;
}
