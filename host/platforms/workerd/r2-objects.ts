import { ObjectError } from '../../stores/object-error.ts';
import type { FoundObject, ObjectBytes, ObjectFacts, ObjectRange, Objects, PutObject, StoredObject } from '../../stores/objects.ts';
import { putInParts, type Pieces } from './r2-parts.ts';
import type { R2Binding, R2Metadata, R2Object, R2PutOptions } from './r2-binding.ts';

/** Where the fence lies, among the custom metadata that no function sees whole. */
const FENCE = 'brink-fence';
/** How often a write is tried anew that others come before. */
const TRIES = 10;

/**
 * Objects in an R2 bucket of the host Worker. Their bytes stream from there to the cell and back, and lie nowhere else.
 *
 * R2 takes a stream whose length it knows. Of any other, a piece is read, and where it is not all, the rest goes as an
 * upload in parts: the etag is then that of one.
 *
 * Quotas are not looked at: R2 tells a Worker nothing of how much there is.
 */
export function createR2Objects(bucket: R2Binding, now: () => number): Objects {
  return {
    outbox: null,
    head: (key) => reach(async () => storedOf(await bucket.head(key))),
    get: (key, { range, check } = {}) =>
      reach(async (): Promise<FoundObject | null> => {
        const found = await bucket.get(key, { ...(range !== undefined && { range: nativeRange(range) }) });
        if (found === null) return null;
        const object = storedOf(found)!;
        const { offset = 0, length = object.size - offset } = found.range ?? {};
        if (check?.(object) !== false) return { object, offset, length, body: found.body };
        await found.body.cancel();
        return { object, offset: 0, length: object.size, body: null };
      }),
    put: (key, body, options = {}) =>
      reach(() => (options.check === undefined ? putAny(bucket, { key, body, options }) : putChecked(bucket, { key, body, options, now }))),
    delete: (keys) => reach(async () => (keys.length > 0 ? bucket.delete(keys) : undefined)),
    list: (options) =>
      reach(async () => {
        const { objects, delimitedPrefixes, truncated, cursor } = await bucket.list(options);
        return {
          objects: objects.map((object) => storedOf(object)!),
          delimitedPrefixes,
          ...(truncated && cursor !== undefined && { cursor }),
        };
      }),
    createUpload: (key, facts) => reach(async () => (await bucket.createMultipartUpload(key, metadataOf(facts))).uploadId),
    putPart: ({ key, id }, { partNumber, body }) => reach(() => putPart(bucket, { key, id, part: partNumber, body })),
    endUpload: ({ key, id }, parts) =>
      reach(async () => {
        const upload = bucket.resumeMultipartUpload(key, id);
        if (parts !== null) return storedOf(await upload.complete(parts));
        await upload.abort();
        return null;
      }),
  };
}

interface Put {
  readonly key: string;
  readonly body: ObjectBytes;
  readonly options: PutObject;
}

async function putAny(bucket: R2Binding, { key, body, options }: Put): Promise<StoredObject | null> {
  const { digest, ...facts } = options;
  const how: R2PutOptions = { ...metadataOf(facts), ...(digest !== undefined && { [digest.algorithm]: digest.hex }) };
  if (body instanceof Uint8Array) return storedOf(await bucket.put(key, body, how));
  return ofStream(body, {
    whole: async (known) => storedOf(await bucket.put(key, known, how)),
    parts: async (pieces) => storedOf(await putInParts(bucket, { key, pieces, metadata: metadataOf(facts), digest })),
  });
}

/**
 * Looks at what is there, and writes where it is still there. R2 compares etags, and two writes of the same bytes have the
 * same; so with a fence it compares the time of the write, and one that is too new to be told from the next is waited for.
 */
async function putChecked(bucket: R2Binding, { key, body, options, now }: Put & { now: () => number }): Promise<StoredObject | null> {
  const { digest, check, ...facts } = options;
  const how: R2PutOptions = { ...metadataOf(facts), ...(digest !== undefined && { [digest.algorithm]: digest.hex }) };
  for (let tries = 1; ; tries++) {
    const current = storedOf(await bucket.head(key));
    if (!check!(current)) return null;
    const fenced = facts.fence !== undefined || current?.fence !== undefined;
    if (fenced && current !== null && Math.abs(now() - current.uploaded) < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    const onlyIf =
      current === null
        ? { etagDoesNotMatch: '*' }
        : fenced
          ? { uploadedBefore: new Date(current.uploaded + 1) }
          : { etagMatches: current.etag };
    const put = (bytes: ObjectBytes) => bucket.put(key, bytes, { ...how, onlyIf });
    const written = body instanceof Uint8Array ? await put(body) : await ofStream(body, { whole: put, parts: refuseParts });
    if (written !== null) return storedOf(written);
    // The bytes of a stream are gone: it is told from what is there now why.
    if (body instanceof Uint8Array && tries < TRIES) continue;
    if (!check!(storedOf(await bucket.head(key)))) return null;
    throw new ObjectError(10001, 'Other writes of this key came between, again and again. Try again.');
  }
}

async function putPart(
  bucket: R2Binding,
  { key, id, part, body }: { key: string; id: string; part: number; body: ObjectBytes },
): Promise<string> {
  const upload = bucket.resumeMultipartUpload(key, id);
  if (body instanceof Uint8Array) return (await upload.uploadPart(part, body)).etag;
  return ofStream(body, { whole: async (known) => (await upload.uploadPart(part, known)).etag, parts: refuseParts });
}

async function refuseParts({ cancel }: Pieces): Promise<never> {
  const error = new ObjectError(
    10029,
    'A stream of more than 8 MiB that is a part, or goes with onlyIf or a fence, must have a known length (request/response body or readable half of FixedLengthStream).',
  );
  await cancel(error);
  throw error;
}

interface Ways<Result> {
  /** It has a length, or is here. */
  whole(body: ObjectBytes): Promise<Result>;
  parts(pieces: Pieces): Promise<Result>;
}

/** R2 says at once whether it knows the length of a stream, and leaves it alone where it does not. */
async function ofStream<Result>(body: ReadableStream<Uint8Array>, { whole, parts }: Ways<Result>): Promise<Result> {
  try {
    return await whole(body);
  } catch (error) {
    if (!(error instanceof TypeError && error.message.includes('known length'))) throw error;
  }
  const pieces = piecesOf(body);
  const first = await pieces.next();
  return first.last ? whole(first.bytes) : parts({ ...pieces, next: nextAfter(first, pieces) });
}

function nextAfter(first: Awaited<ReturnType<Pieces['next']>>, pieces: Pieces): Pieces['next'] {
  let given = false;
  return () => {
    if (given) return pieces.next();
    given = true;
    return Promise.resolve(first);
  };
}

/** Pieces of one size, but for the last. */
const PIECE = 8 * 1024 * 1024;

function piecesOf(body: ReadableStream<Uint8Array>): Pieces {
  const reader = body.getReader();
  let left: Uint8Array = new Uint8Array();
  return {
    async next() {
      const bytes = new Uint8Array(PIECE);
      let size = 0;
      for (;;) {
        const fits = left.subarray(0, PIECE - size);
        bytes.set(fits, size);
        size += fits.byteLength;
        left = left.subarray(fits.byteLength);
        if (size === PIECE && left.byteLength > 0) return { bytes, last: false };
        const { done, value } = await reader.read();
        if (done) return { bytes: bytes.subarray(0, size), last: true };
        left = value;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

function metadataOf({ httpMetadata = {}, customMetadata = {}, storageClass, fence }: Partial<ObjectFacts>): R2Metadata {
  const { cacheExpiry, ...texts } = httpMetadata as Record<string, string> & { cacheExpiry?: number };
  return {
    httpMetadata: { ...texts, ...(cacheExpiry !== undefined && { cacheExpiry: new Date(cacheExpiry) }) },
    customMetadata: { ...customMetadata, ...(fence !== undefined && { [FENCE]: String(fence) }) },
    ...(storageClass !== undefined && { storageClass }),
  };
}

function storedOf(object: R2Object | null): StoredObject | null {
  if (object === null) return null;
  const { key, version, size, etag, uploaded, checksums, httpMetadata = {}, customMetadata = {}, storageClass } = object;
  const { [FENCE]: fence, ...own } = customMetadata;
  const { cacheExpiry, ...texts } = httpMetadata;
  return {
    key,
    version,
    size,
    etag,
    uploaded: uploaded.getTime(),
    checksums: checksums.toJSON(),
    httpMetadata: { ...(texts as Record<string, string>), ...(cacheExpiry instanceof Date && { cacheExpiry: cacheExpiry.getTime() }) },
    customMetadata: own,
    ...(storageClass !== '' && { storageClass }),
    ...(fence !== undefined && { fence: Number(fence) }),
  };
}

function nativeRange(range: ObjectRange): Headers | { offset?: number; length?: number; suffix?: number } {
  return 'header' in range ? new Headers({ range: range.header }) : range;
}

/** R2's own errors, which are text: `put: … (10037)`. */
async function reach<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const match = error instanceof Error ? /^\w+: ([^]*) \((\d+)\)$/.exec(error.message) : null;
    throw match === null ? error : new ObjectError(Number(match[2]), match[1]!);
  }
}
