import { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { Encoding } from '../../gateway/cache/encoding.ts';
import type { Coding } from '../../registry/gateway/compress.ts';

/** The level that is a good bargain for what is compressed while somebody waits: those above cost much for little. */
const BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };
const ZSTD = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 3 } };
const GZIP = { level: 6 };

const wholes: Record<Coding, (bytes: Uint8Array) => Promise<Buffer>> = {
  br: (bytes) => promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)(bytes, BROTLI),
  zstd: (bytes) => promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdCompress)(bytes, ZSTD),
  gzip: (bytes) => promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip)(bytes, GZIP),
};

/** Each chunk leaves when it has come, though it would take less together with the next one. */
const streams: Record<Coding, () => Duplex> = {
  br: () => zlib.createBrotliCompress({ ...BROTLI, flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => zlib.createZstdCompress({ ...ZSTD, flush: zlib.constants.ZSTD_e_flush }),
  gzip: () => zlib.createGzip({ ...GZIP, flush: zlib.constants.Z_SYNC_FLUSH }),
};

const utf8 = new TextEncoder();

/** With Node's zlib: `CompressionStream` has no zstd, and flushes nothing before the end. */
export const nodeEncoding: Encoding = {
  codings: ['br', 'zstd', 'gzip'],
  async whole(body, coding) {
    if (body === null) return null;
    const bytes = await wholes[coding](typeof body === 'string' ? utf8.encode(body) : body);
    return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  },
  stream: (body, coding) => body.pipeThrough(Duplex.toWeb(streams[coding]()) as unknown as ReadableWritablePair<Uint8Array, Uint8Array>),
};
