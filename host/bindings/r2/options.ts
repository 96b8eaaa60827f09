import type { Algorithm, ObjectRange } from '../../stores/objects.ts';
import { parseEtags } from './etags.ts';
import { DIGEST_BYTES, HTTP_FIELDS, type WireConditions, type WireEtag } from './wire.ts';

type Table = Readonly<Record<string, unknown>>;

const NativeHeaders = Headers;
const INCLUDES = ['httpMetadata', 'customMetadata'];

/** What a function gives as options becomes what crosses the border, by the rules, and in the words, of Workers. */
export function optionsOf(options: unknown, owner: string): Table {
  if (options === undefined || options === null) return {};
  if (typeof options !== 'object') throw new TypeError(`Options are a table: ${owner}.`);
  const table = options as Table;
  if (table['ssecKey'] !== undefined) throw new TypeError('ssecKey: objects are not encrypted with keys of their own here.');
  return table;
}

/** @throws {TypeError} */
export function onlyIfOf(value: unknown, owner: string): WireConditions | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof NativeHeaders) return ofHeaders(value);
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter, secondsGranularity } = fieldsOf(value, 'onlyIf', {
    owner,
    type: 'Conditional or Headers',
  });
  return {
    ...(etagMatches !== undefined && { etagMatches: etagOf('etagMatches', etagMatches) }),
    ...(etagDoesNotMatch !== undefined && { etagDoesNotMatch: etagOf('etagDoesNotMatch', etagDoesNotMatch) }),
    ...(uploadedBefore !== undefined && { uploadedBefore: timeOf(uploadedBefore, 'uploadedBefore', 'Conditional') }),
    ...(uploadedAfter !== undefined && { uploadedAfter: timeOf(uploadedAfter, 'uploadedAfter', 'Conditional') }),
    secondsGranularity: Boolean(secondsGranularity),
  };
}

/** RFC 9110, section 13.1. A time that is none counts as not given. */
function ofHeaders(headers: Headers): WireConditions {
  const time = (name: string) => {
    const ms = Date.parse(headers.get(name) ?? '');
    return Number.isNaN(ms) ? undefined : ms;
  };
  const [match, noneMatch] = [headers.get('if-match'), headers.get('if-none-match')];
  const [after, before] = [time('if-modified-since'), time('if-unmodified-since')];
  return {
    ...(match !== null && { etagMatches: parseEtags(match, 'if-match') }),
    ...(noneMatch !== null && { etagDoesNotMatch: parseEtags(noneMatch, 'if-none-match') }),
    ...(after !== undefined && { uploadedAfter: after }),
    ...(before !== undefined && { uploadedBefore: before }),
    secondsGranularity: true,
  };
}

function etagOf(field: string, value: unknown): WireEtag[] {
  if (typeof value !== 'string') throw wrongField(field, 'Conditional', 'string');
  if (/^"[^]*"$/.test(value)) throw new TypeError(`Conditional ETag should not be wrapped in quotes (${value}).`);
  return [value === '*' ? { type: 'wildcard' } : { type: 'strong', value }];
}

/** @throws {RangeError | TypeError} */
export function rangeOf(value: unknown): ObjectRange | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof NativeHeaders) {
    const header = value.get('range');
    return header === null ? undefined : { header };
  }
  const { offset, length, suffix } = fieldsOf(value, 'range', { owner: 'GetOptions', type: 'Range or Headers' });
  if (suffix !== undefined && offset !== undefined) throw new TypeError('Suffix is incompatible with offset.');
  if (suffix !== undefined && length !== undefined) throw new TypeError('Suffix is incompatible with length.');
  return {
    ...(offset !== undefined && { offset: wholeOf('range. Starting offset', offset) }),
    ...(length !== undefined && { length: wholeOf('range. Length', length) }),
    ...(suffix !== undefined && { suffix: wholeOf('suffix. Suffix', suffix) }),
  };
}

function wholeOf(what: string, value: unknown): number {
  const number = Number(value);
  if (!(number >= 0))
    throw new RangeError(`Invalid ${what} (${Number.isNaN(number) ? 'nan' : number}) must be greater than or equal to 0.`);
  if (!Number.isInteger(number)) throw new RangeError(`Invalid ${what} (${number}) must be an integer, not floating point.`);
  return number;
}

/** What `put` and `createMultipartUpload` keep beside the bytes. */
export function factsOf({ httpMetadata, customMetadata, storageClass }: Table, owner: string): Table {
  return {
    ...(httpMetadata !== undefined && httpMetadata !== null && { httpMetadata: httpOf(httpMetadata, owner) }),
    ...(customMetadata !== undefined && customMetadata !== null && { customMetadata: customOf(customMetadata, owner) }),
    ...(storageClass !== undefined && storageClass !== null && { storageClass: String(storageClass as string) }),
  };
}

function httpOf(value: unknown, owner: string): Record<string, string | number> {
  const fields = Object.entries(HTTP_FIELDS);
  if (value instanceof NativeHeaders) {
    const given = fields.map(([name, header]) => [name, value.get(header)] as const).filter(([, text]) => text !== null);
    const kept = given.map(([name, text]) => [name, name === 'cacheExpiry' ? Date.parse(text!) : text!] as const);
    return Object.fromEntries(kept.filter(([, each]) => !Number.isNaN(each)));
  }
  const table = fieldsOf(value, 'httpMetadata', { owner, type: 'HttpMetadata or Headers' });
  const given = fields.filter(([name]) => table[name] !== undefined);
  return Object.fromEntries(
    given.map(([name]) => [name, name === 'cacheExpiry' ? timeOf(table[name], name, 'HttpMetadata') : String(table[name] as string)]),
  );
}

function customOf(value: unknown, owner: string): Record<string, string> {
  const table = fieldsOf(value, 'customMetadata', { owner, type: 'object' });
  return Object.fromEntries(Object.entries(table).map(([name, each]) => [name, String(each as string)]));
}

const DIGEST_NAMES: Readonly<Record<Algorithm, string>> = {
  md5: 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** The one checksum that may be given. @throws {TypeError} */
export function digestOf(options: Table): { algorithm: Algorithm; hex: string } | undefined {
  const given = (Object.keys(DIGEST_BYTES) as Algorithm[]).filter(
    (algorithm) => options[algorithm] !== undefined && options[algorithm] !== null,
  );
  const [algorithm] = given;
  if (algorithm === undefined) return undefined;
  const hex = hexOf(algorithm, options[algorithm]);
  if (given.length > 1) throw new TypeError('You cannot specify multiple hashing algorithms.');
  return { algorithm, hex };
}

function hexOf(algorithm: Algorithm, value: unknown): string {
  const [name, size] = [DIGEST_NAMES[algorithm], DIGEST_BYTES[algorithm]];
  if (typeof value === 'string') {
    if (value.length !== 2 * size) throw new TypeError(`${name} is ${2 * size} hex characters, not ${value.length}`);
    if (!/^[0-9a-f]+$/i.test(value)) throw new TypeError(`Provided ${name} wasn't a valid hex string`);
    return value.toLowerCase();
  }
  const isView = ArrayBuffer.isView(value);
  if (!isView && !(value instanceof ArrayBuffer)) throw wrongField(algorithm, 'PutOptions', 'BufferSource or string');
  const bytes = isView ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
  if (bytes.byteLength !== size) throw new TypeError(`${name} is ${size} bytes, not ${bytes.byteLength}`);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function listOf(options: unknown): Table {
  const { limit, include, ...table } = optionsOf(options, 'ListOptions');
  const texts = ['prefix', 'cursor', 'delimiter', 'startAfter'].map((name) => {
    const value = table[name];
    if (value !== undefined && value !== null && typeof value !== 'string') throw wrongField(name, 'ListOptions', 'string');
    return [name, value];
  });
  // As Web IDL converts to an integer of 32 bits; the greatest without a sign stands for none.
  const most = limit === undefined || limit === null || (Number(limit) | 0) === -1 ? undefined : Number(limit) | 0;
  return { ...Object.fromEntries(texts), limit: most, include: includeOf(include) };
}

function includeOf(include: unknown): string[] {
  if (include === undefined || include === null) return [];
  if (!Array.isArray(include)) throw wrongField('include', 'ListOptions', 'Array');
  const unknown = include.find((each) => !INCLUDES.includes(each as string)) as unknown;
  if (unknown !== undefined) throw new RangeError(`Unsupported include value ${String(unknown as string)}`);
  return include as string[];
}

function timeOf(value: unknown, field: string, owner: string): number {
  if (typeof value !== 'number' && !(value instanceof Date)) throw wrongField(field, owner, 'date');
  if (Number.isNaN(Number(value))) throw new TypeError('The value cannot be converted because it is not a valid Date.');
  return Number(value);
}

function fieldsOf(value: unknown, field: string, { owner, type }: { owner: string; type: string }): Table {
  if (value !== null && typeof value === 'object') return value as Table;
  throw wrongField(field, owner, type);
}

function wrongField(field: string, owner: string, type: string): TypeError {
  return new TypeError(`Incorrect type for the '${field}' field on '${owner}': the provided value is not of type '${type}'.`);
}
