import { z } from 'zod';
import { list, must, text, whole } from '../manifest-fields.ts';

/** A content coding. RFC 9110, section 8.4.1; RFC 7932 and RFC 8878. */
export type Coding = 'br' | 'zstd' | 'gzip';

/** Which responses are compressed. */
export interface CompressRule {
  /** The one that comes first is used where a client wants several alike. */
  readonly codings: readonly Coding[];
  /** Media types; `*` at the end takes all that begin so, at the beginning all that end so. */
  readonly types: readonly string[];
  /** Bytes that a body has at least, where its length is known. */
  readonly min_size: number;
}

/** Text, and what is like it. Images, sound, films, archives and fonts of today are compressed already. */
const TYPES = [
  'text/*',
  '*+json',
  '*+xml',
  '*+text',
  'application/json',
  'application/javascript',
  'application/xml',
  'application/wasm',
  'application/graphql',
  'application/x-javascript',
  'application/x-ndjson',
  'application/jsonl',
  'application/toml',
  'application/yaml',
  'application/rtf',
  'application/vnd.ms-fontobject',
  'font/ttf',
  'font/otf',
  'image/bmp',
  'image/x-icon',
  'image/vnd.microsoft.icon',
];

const table = z.strictObject(
  {
    codings: list(z.enum(['br', 'zstd', 'gzip'], { error: 'must be "br", "zstd" or "gzip"' }))
      .min(1, 'names no coding')
      .default(['br', 'zstd', 'gzip']),
    types: list(
      text.toLowerCase().regex(/^\*?[a-z0-9!#$&^_.+/-]*\*?$/, 'is not a media type; write "text/*" or "application/json"'),
    ).default(TYPES),
    min_size: whole(0, 2 ** 30, 1_024),
  },
  { error: must('be true or a table') },
);

/** `true` is a table without keys. */
export const compress = z.preprocess((value) => (value === true ? {} : value), table);

export const COMPRESS_KEYS = Object.keys(table.shape);
