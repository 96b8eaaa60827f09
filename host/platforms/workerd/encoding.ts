import type { Encoding } from '../../gateway/cache/encoding.ts';

/** The runtime itself compresses what leaves with `Content-Encoding`, and what is kept stays as it was. It has no zstd. */
export const workerdEncoding: Encoding = {
  codings: ['br', 'gzip'],
  whole: (body) => Promise.resolve(body),
  stream: (body) => body,
};
