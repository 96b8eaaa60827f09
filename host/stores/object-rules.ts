import { badUpload, entityTooLarge, entityTooSmall, internalError, invalidPart, invalidRange } from './object-error.ts';
import type { ListObjects, ObjectFacts, ObjectRange, Part, StoredObject } from './objects.ts';

/** Bytes of an object, and of a part of one. https://developers.cloudflare.com/r2/platform/limits/ */
export const MAX_OBJECT = 5 * 1024 * 1024 * 1024 - 5 * 1024 * 1024;
/** Every part but the last has at least so many bytes, and all of them the same number. */
export const MIN_PART = 5 * 1024 * 1024;
/** An upload that is not completed by then is forgotten, in ms. https://developers.cloudflare.com/r2/objects/multipart-objects/ */
export const UPLOAD_LIFE = 7 * 24 * 60 * 60 * 1000;

const utf8 = new TextEncoder();

/** The bucket that a key is of, as bindings name them: `bucket/NAME/`, or `function/NAME/BINDING/`. */
export function bucketOf(key: string): string {
  const second = key.indexOf('/', key.indexOf('/') + 1);
  return key.slice(0, (key.startsWith('function/') ? key.indexOf('/', second + 1) : second) + 1);
}

/** Bytes that an object, or an upload, takes of its bucket's quota. */
export function weightOf(
  key: string,
  { size = 0, httpMetadata = {}, customMetadata = {} }: Partial<Pick<StoredObject, 'size' | 'httpMetadata' | 'customMetadata'>>,
): number {
  return size + utf8.encode(key + JSON.stringify([httpMetadata, customMetadata])).byteLength;
}

/** @throws {ObjectError} for more bytes than an object may have */
export function checkSize(size: number): void {
  if (size > MAX_OBJECT) throw entityTooLarge();
}

/** The part that a range is of so many bytes. @throws {ObjectError} where it has none of them */
export function resolveRange(range: ObjectRange | undefined, size: number): { offset: number; length: number } {
  const whole = { offset: 0, length: size };
  if (range === undefined) return whole;
  if ('header' in range) return ofHeader(range.header, size) ?? whole;
  const { suffix } = range;
  if (suffix !== undefined) {
    if (suffix <= 0) throw invalidRange();
    const length = Math.min(suffix, size);
    return { offset: size - length, length };
  }
  const { offset = 0, length = size - offset } = range;
  if (offset > size || length <= 0) throw invalidRange();
  return { offset, length: Math.min(length, size - offset) };
}

/** RFC 9110, section 14.1.2. One range alone is followed; several, or what cannot be read, are as none. */
function ofHeader(header: string, size: number): { offset: number; length: number } | undefined {
  const match = /^ *bytes *=[ \t]*(\d*)[ \t]*-[ \t]*(\d*)[ \t]*$/i.exec(header);
  if (match === null) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === '') {
    const length = Number(last);
    return last === '' || length === 0 || length >= size ? undefined : { offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return offset >= size || (last !== '' && offset > Number(last)) ? undefined : { offset, length: end - offset + 1 };
}

export interface UploadedPart extends Part {
  readonly size: number;
}

/** Of the parts that have come those that were named, in their order. @throws {ObjectError} where they make no object */
export function chosenParts<Uploaded extends UploadedPart>(uploaded: readonly Uploaded[], named: readonly Part[]): Uploaded[] {
  if (new Set(named.map(({ partNumber }) => partNumber)).size < named.length) throw internalError();
  const byNumber = new Map(uploaded.map((part) => [part.partNumber, part]));
  const parts = named.map(({ partNumber, etag }) => {
    const part = byNumber.get(partNumber);
    if (part?.etag !== etag) throw invalidPart();
    return part;
  });
  if (parts.slice(0, -1).some(({ size }) => size < MIN_PART)) throw entityTooSmall();
  parts.sort((one, other) => one.partNumber - other.partNumber);
  const [first, last] = [parts[0], parts.at(-1)];
  if (parts.slice(0, -1).some(({ size }) => size < MIN_PART || size !== first!.size)) throw badUpload();
  if (parts.length > 1 && last!.size > first!.size) throw badUpload();
  return parts;
}

export interface NewObject extends Pick<StoredObject, 'key' | 'size' | 'etag' | 'checksums'> {
  readonly facts: Partial<ObjectFacts>;
  readonly now: () => number;
}

/** As it is when it appears. */
export function newObject({
  facts: { httpMetadata = {}, customMetadata = {}, storageClass, fence },
  now,
  ...rest
}: NewObject): StoredObject {
  return {
    ...rest,
    version: randomHex(),
    uploaded: now(),
    httpMetadata,
    customMetadata,
    ...(storageClass !== undefined && { storageClass }),
    ...(fence !== undefined && { fence }),
  };
}

/** What a key is listed by where keys that have `delimiter` behind the prefix are one entry; null: by itself. */
export function delimitedPrefixOf(key: string, prefix: string, delimiter: string): string | null {
  if (delimiter === '') return null;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? null : key.slice(0, at + delimiter.length);
}

/** Without the metadata that nobody asked for. */
export function withOnly(object: StoredObject, include: ListObjects['include']): StoredObject {
  return {
    ...object,
    httpMetadata: include.includes('httpMetadata') ? object.httpMetadata : {},
    customMetadata: include.includes('customMetadata') ? object.customMetadata : {},
  };
}

/** 32 hex digits that nobody guesses. */
export function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
