import { invalidArgument, invalidObjectName, metadataTooLarge } from '../../stores/object-error.ts';
import type { Algorithm, ObjectFacts, ObjectRange, Part } from '../../stores/objects.ts';
import { BindingError, jsonOf } from '../binding-error.ts';
import { DIGEST_BYTES, HTTP_FIELDS, type WireConditions, type WireEtag } from './wire.ts';

/** https://developers.cloudflare.com/r2/platform/limits/ */
export const MAX_KEY = 1024;
export const MAX_METADATA = 8192;
const MAX_PARTS = 10_000;
/** That are deleted at once. */
const MAX_KEYS = 1_000;
/** What a host keeps beside an object begins so. */
export const RESERVED = 'brink-';

export type Table = Readonly<Record<string, unknown>>;

const utf8 = new TextEncoder();
const text = new TextDecoder();

export function tableOf(value: unknown): Table {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Table) : {};
}

/** A key as it is kept: text of whole characters. @throws {ObjectError} */
export function checkedKey(key: unknown): string {
  const name = textOf(key, 'A key').toWellFormed();
  // A character has three bytes at most for each of its units.
  if (name.length * 3 > MAX_KEY && utf8.encode(name).byteLength > MAX_KEY) throw invalidObjectName();
  return name;
}

export function checkedKeys(keys: unknown): string[] {
  if (!Array.isArray(keys)) return [checkedKey(keys)];
  if (keys.length > MAX_KEYS) throw invalidArgument(`At most ${MAX_KEYS} keys can be deleted at once.`);
  return keys.map(checkedKey);
}

export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw wrong(`${what} is a string.`);
}

/** Undefined where it is not given. */
export function optionalText(value: unknown, what: string): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value, what).toWellFormed();
}

export function factsOf({ httpMetadata, customMetadata, storageClass }: Table): ObjectFacts {
  const http = Object.entries(tableOf(httpMetadata)).filter(([name]) => Object.hasOwn(HTTP_FIELDS, name));
  for (const [name, value] of http)
    if (typeof value !== (name === 'cacheExpiry' ? 'number' : 'string')) throw wrong(`httpMetadata.${name} is not what it has to be.`);
  const custom = Object.entries(tableOf(customMetadata)).map(([name, value]) => [name, textOf(value, 'customMetadata')] as const);
  if (custom.some(([name]) => name.toLowerCase().startsWith(RESERVED)))
    throw wrong(`Names of customMetadata that begin with ${RESERVED} are the host's.`);
  // In a string of Latin-1 a character is a byte; in any other it is two.
  const length = custom.flat().reduce((sum, each) => sum + (/^[\0-\xff]*$/.test(each) ? each.length : each.length * 2), 0);
  if (length > MAX_METADATA || http.some(([, value]) => String(value).length > MAX_METADATA)) throw metadataTooLarge();
  const kept = optionalText(storageClass, 'storageClass');
  return {
    httpMetadata: Object.fromEntries(http) as ObjectFacts['httpMetadata'],
    customMetadata: Object.fromEntries(custom),
    ...(kept !== undefined && { storageClass: kept.slice(0, 64) }),
  };
}

export function rangeOf(value: unknown): ObjectRange | undefined {
  if (value === undefined || value === null) return undefined;
  const { header, offset, length, suffix } = tableOf(value);
  if (typeof header === 'string') return { header };
  return {
    ...(offset !== undefined && { offset: wholeOf(offset, 'range.offset') }),
    ...(length !== undefined && { length: wholeOf(length, 'range.length') }),
    ...(suffix !== undefined && { suffix: wholeOf(suffix, 'range.suffix') }),
  };
}

export function conditionsOf(value: unknown): WireConditions | undefined {
  if (value === undefined || value === null) return undefined;
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter, secondsGranularity } = tableOf(value);
  return {
    ...(etagMatches !== undefined && { etagMatches: etagsOf(etagMatches) }),
    ...(etagDoesNotMatch !== undefined && { etagDoesNotMatch: etagsOf(etagDoesNotMatch) }),
    ...(uploadedBefore !== undefined && { uploadedBefore: numberOf(uploadedBefore) }),
    ...(uploadedAfter !== undefined && { uploadedAfter: numberOf(uploadedAfter) }),
    secondsGranularity: secondsGranularity === true,
  };
}

export function digestOf(value: unknown): { algorithm: Algorithm; hex: string } | undefined {
  if (value === undefined || value === null) return undefined;
  const { algorithm, hex } = tableOf(value);
  const size = typeof algorithm === 'string' && Object.hasOwn(DIGEST_BYTES, algorithm) ? DIGEST_BYTES[algorithm as Algorithm] : 0;
  if (size === 0 || typeof hex !== 'string' || hex.length !== 2 * size || !/^[0-9a-f]+$/.test(hex))
    throw wrong('A checksum is no such thing.');
  return { algorithm: algorithm as Algorithm, hex };
}

export function partNumberOf(value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_PARTS) return value as number;
  throw wrong(`Part number must be between 1 and ${MAX_PARTS} (inclusive). Actual value was: ${String(value).slice(0, 40)}`);
}

/** From JSON: there may be more of them than arguments have room for. */
export function partsOf(bytes: unknown): Part[] {
  const list = bytes instanceof Uint8Array ? jsonOf(text.decode(bytes), 'Parts are a list of what uploadPart() gave.') : null;
  if (!Array.isArray(list) || list.length > MAX_PARTS) throw wrong('Parts are a list of what uploadPart() gave.');
  return list.map((part: unknown) => {
    const { partNumber, etag } = tableOf(part);
    return { partNumber: partNumberOf(partNumber), etag: textOf(etag, 'An etag') };
  });
}

function etagsOf(value: unknown): WireEtag[] {
  if (!Array.isArray(value)) throw wrong('Etags are a list.');
  return value.map((each: unknown): WireEtag => {
    const { type, value: etag } = tableOf(each);
    if (type === 'wildcard') return { type };
    return { type: type === 'weak' ? type : 'strong', value: textOf(etag, 'An etag') };
  });
}

export function wholeOf(value: unknown, what: string): number {
  if (Number.isInteger(value) && (value as number) >= 0) return value as number;
  throw wrong(`${what} is a whole number, 0 or more.`);
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  throw wrong('A time is a number of milliseconds.');
}

function wrong(message: string): BindingError {
  return new BindingError(message, { name: 'TypeError' });
}
