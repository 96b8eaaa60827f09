import { createHash, type Hash } from 'node:crypto';

const ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** `crypto.DigestStream`. https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#constructors */
export class DigestStream extends WritableStream<string | ArrayBuffer | ArrayBufferView> {
  readonly digest: Promise<ArrayBuffer>;

  constructor(algorithm: string | { readonly name: string }) {
    const hash = hashOf(typeof algorithm === 'string' ? algorithm : algorithm.name);
    const { promise, resolve, reject } = Promise.withResolvers<ArrayBuffer>();
    super({
      write: (chunk) => void hash.update(typeof chunk === 'string' ? chunk : bytesOf(chunk)),
      close: () => resolve(Uint8Array.from(hash.digest()).buffer),
      abort: reject,
    });
    // Who only writes does not have to look at it.
    promise.catch(() => {});
    this.digest = promise;
  }
}

function bytesOf(chunk: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(chunk) ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength) : new Uint8Array(chunk);
}

function hashOf(name: string): Hash {
  const known = ALGORITHMS[name.toUpperCase()];
  if (known === undefined)
    throw new DOMException(`A DigestStream takes ${Object.keys(ALGORITHMS).join(', ')}, not ${name}.`, 'NotSupportedError');
  return createHash(known);
}
