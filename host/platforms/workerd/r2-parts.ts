import { badDigest } from '../../stores/object-error.ts';
import type { PutObject } from '../../stores/objects.ts';
import type { R2Binding, R2Metadata, R2Object } from './r2-binding.ts';

/** A stream in pieces that are large enough to be parts. */
export interface Pieces {
  /** Not to be called after the last one. */
  next(): Promise<{ readonly bytes: Uint8Array; readonly last: boolean }>;
  cancel(reason: unknown): Promise<void>;
}

export interface InParts {
  readonly key: string;
  readonly pieces: Pieces;
  readonly metadata: R2Metadata;
  readonly digest: PutObject['digest'];
}

/** workerd's, which hashes as it goes. https://developers.cloudflare.com/workers/runtime-apis/web-crypto/ */
interface DigestStream extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>;
}

const ALGORITHMS = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const;

/** An object of a stream whose length nobody knows: one piece of it is in memory at a time. */
export async function putInParts(bucket: R2Binding, { key, pieces, metadata, digest }: InParts): Promise<R2Object> {
  const upload = await bucket.createMultipartUpload(key, metadata);
  try {
    const hash = digest && hashOf(digest.algorithm);
    const parts = [];
    for (let partNumber = 1; ; partNumber++) {
      const { bytes, last } = await pieces.next();
      await hash?.write(bytes);
      parts.push(await upload.uploadPart(partNumber, bytes));
      if (last) break;
    }
    const actual = await hash?.close();
    if (digest !== undefined && actual !== digest.hex) throw badDigest(digest.algorithm, { given: digest.hex, actual: actual! });
    return await upload.complete(parts);
  } catch (error) {
    await Promise.allSettled([pieces.cancel(error), upload.abort()]);
    throw error;
  }
}

function hashOf(algorithm: keyof typeof ALGORITHMS): { write(bytes: Uint8Array): Promise<void>; close(): Promise<string> } {
  const { DigestStream: Digest } = crypto as unknown as { DigestStream: new (algorithm: string) => DigestStream };
  const stream = new Digest(ALGORITHMS[algorithm]);
  const writer = stream.getWriter();
  return {
    write: (bytes) => writer.write(bytes),
    async close() {
      await writer.close();
      return Array.from(new Uint8Array(await stream.digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    },
  };
}
