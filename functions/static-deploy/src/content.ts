import type { Encoding } from './entry.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  webmanifest: 'application/manifest+json',
  xml: 'application/xml',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  ico: 'image/x-icon',
  mp4: 'video/mp4',
  woff2: 'font/woff2',
};

/** How a file of a type begins, where it always does. */
const SIGNATURES: Readonly<Record<string, string>> = {
  'application/wasm': '\0asm',
  'application/pdf': '%PDF-',
  'image/png': '\x89PNG\r\n\x1a\n',
  'image/jpeg': '\xff\xd8\xff',
  'image/gif': 'GIF8',
  'image/webp': 'RIFF',
  'font/woff2': 'wOF2',
};

const TEXT = /^text\/|json$|xml$/;
/** What compression makes less than this part of is kept compressed. */
const WORTH = 0.9;

export function typeOf(name: string): string {
  const extension = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return TYPES[extension] ?? 'application/octet-stream';
}

/** Why this is not what its name says, such as an upload that was cut off; null where nothing speaks against it. */
export function faultOf(type: string, bytes: Uint8Array): string | null {
  if (bytes.length === 0) return 'It is empty.';
  const signature = SIGNATURES[type];
  if (signature !== undefined && !signature.split('').every((character, at) => bytes[at] === character.charCodeAt(0)))
    return `It does not begin as ${type} does.`;
  if (!TEXT.test(type)) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (type.endsWith('json')) JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof SyntaxError ? `It is no JSON: ${error.message}` : 'It is not UTF-8.';
  }
}

/** The content as it is, and compressed in each way that this platform knows and that is worth its room. */
export async function encodingsOf(type: string, bytes: Uint8Array<ArrayBuffer>): Promise<Map<Encoding, Uint8Array>> {
  const encodings = new Map<Encoding, Uint8Array>([['identity', bytes]]);
  if (!TEXT.test(type) && type !== 'application/wasm') return encodings;
  for (const [encoding, format] of [
    ['gzip', 'gzip'],
    ['br', 'brotli'],
  ] as const) {
    const compressor = compressorOf(format);
    if (compressor === null) continue;
    const compressed = await new Response(new Blob([bytes]).stream().pipeThrough(compressor)).bytes();
    if (compressed.length < bytes.length * WORTH) encodings.set(encoding, compressed);
  }
  return encodings;
}

/** Brotli is new in the Compression Standard, and workerd has not got it. */
function compressorOf(format: string): CompressionStream | null {
  try {
    return new CompressionStream(format as CompressionFormat);
  } catch {
    return null;
  }
}
