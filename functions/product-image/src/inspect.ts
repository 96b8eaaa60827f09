/** What the head of an image says. */
export interface Picture {
  readonly type: 'image/jpeg' | 'image/webp';
  readonly width: number;
  readonly height: number;
}

/** An image that is not taken. */
export interface Refused {
  readonly status: 415 | 422;
  readonly error: string;
}

/** 4096 x 3072, and other shapes of as many. */
const MOST_PIXELS = 12_582_912;
const LONGEST_SIDE = 16_383;

/**
 * Looks at the head of an image, and whether its end is there, before anything of it is decoded: a file of a few bytes may
 * say that it has a billion pixels.
 */
export function inspect(bytes: Uint8Array): Picture | Refused {
  const seen = isJpeg(bytes) ? inspectJpeg(bytes) : isWebp(bytes) ? inspectWebp(bytes) : unknown(bytes);
  if (isRefused(seen)) return seen;
  const { width, height } = seen;
  if (width === 0 || height === 0) return refused('It has no pixels.');
  if (width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > MOST_PIXELS)
    return refused(`It is ${width} x ${height}, and ${MOST_PIXELS} pixels are the most, and ${LONGEST_SIDE} on a side.`);
  return seen;
}

export function isRefused(seen: Picture | Refused): seen is Refused {
  return 'error' in seen;
}

function unknown(bytes: Uint8Array): Refused {
  const others: readonly [begin: string, name: string][] = [
    ['\x89PNG', 'a PNG'],
    ['GIF8', 'a GIF'],
    ['%PDF', 'a PDF'],
    ['<', 'HTML or SVG'],
  ];
  const name = others.find(([begin]) => startsWith(bytes, begin))?.[1] ?? 'neither';
  return { status: 415, error: `Send a JPEG or a WebP: this is ${name}.` };
}

function isJpeg(bytes: Uint8Array): boolean {
  return startsWith(bytes, '\xff\xd8\xff');
}

/** ITU-T T.81, annex B: segments, of which one of the frame (SOF) has the size, up to the scan and the end of it. */
function inspectJpeg(bytes: Uint8Array): Picture | Refused {
  const view = viewOf(bytes);
  let size: { width: number; height: number } | null = null;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return refused('It is damaged: there is no segment where one has to be.');
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda) {
      if (size === null) return refused('It is damaged: it does not say its size.');
      return hasEnd(bytes, at) ? { type: 'image/jpeg', ...size } : refused('It is cut off: its end is not there.');
    }
    const length = view.getUint16(at + 2);
    if (length < 2) return refused('It is damaged: a segment is too short.');
    if (isFrame(marker) && at + 10 <= bytes.length) {
      if (size !== null) return refused('It is damaged: it says its size twice.');
      if (bytes[at + 4] !== 8) return refused('It has more than 8 bits for a colour.');
      const components = bytes[at + 9]!;
      if (components !== 1 && components !== 3) return refused(`It has ${components} colours, as for print. Save it as RGB.`);
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    at += 2 + length;
  }
  return refused('It is cut off: its head is not all there.');
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Some cameras write more behind it. */
function hasEnd(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.length - 2; at > from; at--) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}

function isWebp(bytes: Uint8Array): boolean {
  return startsWith(bytes, 'RIFF') && startsWith(bytes.subarray(8), 'WEBP');
}

/** RFC 9649, section 2: a RIFF file, whose first chunk has the size. */
function inspectWebp(bytes: Uint8Array): Picture | Refused {
  const view = viewOf(bytes);
  if (bytes.length < 30 || view.getUint32(4, true) + 8 > bytes.length) return refused('It is cut off: its end is not there.');
  const type = 'image/webp';
  const chunk = bytes.subarray(12);
  if (startsWith(chunk, 'VP8X')) {
    if (bytes[20]! & 0x02) return refused('It moves. Send one picture of it.');
    // Three bytes each, which are one less than the size; the decoder refuses a picture that has another one.
    return { type, width: 1 + (view.getUint32(24, true) & 0xff_ffff), height: 1 + (view.getUint32(26, true) >>> 8) };
  }
  if (startsWith(chunk, 'VP8L') && bytes[20] === 0x2f) {
    const bits = view.getUint32(21, true);
    return { type, width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (startsWith(chunk, 'VP8 ') && startsWith(bytes.subarray(23), '\x9d\x01\x2a'))
    return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  return refused('It is damaged: it does not say its size.');
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return text.split('').every((character, at) => bytes[at] === character.charCodeAt(0));
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function refused(error: string): Refused {
  return { status: 422, error };
}
