import type { QuotaExceeded } from '../../stores/quota.ts';
import { BindingError, jsonOf } from '../binding-error.ts';
import { MAX_VALUE } from './size.ts';

/** https://developers.cloudflare.com/kv/platform/limits/ */
export const MAX_KEY = 512;

export const MAX_METADATA = 1_024;
export const MAX_KEYS = 100;
export const MAX_PAGE = 1_000;
const MIN_TTL = 60;
const MIN_CACHE_TTL = 30;

const utf8 = new TextEncoder();

/** The words of Workers: `KV PUT failed: 413 …`. */
export function failed(operation: string, status: number, why: string): BindingError {
  return new BindingError(`KV ${operation} failed: ${status} ${why}`);
}

export function overQuota(operation: string, { what, limit }: QuotaExceeded): BindingError {
  const why = `the namespace may have at most ${limit} ${what}${what === 'bytes' ? ' of keys, values and metadata' : ''}.`;
  return new BindingError(`KV ${operation} failed: 413 ${why} Delete some, or have the host allow more.`, {
    name: 'QuotaExceededError',
    code: 'quota-exceeded',
  });
}

/** A key as the store has it: text of whole characters. @throws {BindingError} */
export function checkedKey(operation: string, key: unknown): string {
  const name = wellFormed(key);
  if (name === '') throw new BindingError('Key name cannot be empty.', { name: 'TypeError' });
  if (name === '.' || name === '..') throw new BindingError(`"${name}" is not allowed as a key name.`, { name: 'TypeError' });
  return checkedLength(operation, name);
}

/** As `checkedKey`, in the words that Workers has for one of several. */
export function checkedKeyOfMany(operation: string, key: unknown): string {
  const name = wellFormed(key);
  if (name === '') throw failed(operation, 400, 'Key names must not be empty');
  if (name === '.' || name === '..') throw failed(operation, 400, `Illegal key name "${name}". Please use a different name.`);
  return checkedLength(operation, name);
}

export function checkedPrefix(prefix: unknown): string {
  return prefix === null || prefix === undefined ? '' : checkedLength('GET', wellFormed(prefix));
}

function checkedLength(operation: string, name: string): string {
  // A character has three bytes at most for each of its units.
  const bytes = name.length * 3 <= MAX_KEY ? 0 : utf8.encode(name).byteLength;
  if (bytes > MAX_KEY) throw failed(operation, 414, `UTF-8 encoded length of ${bytes} exceeds key length limit of ${MAX_KEY}.`);
  return name;
}

function wellFormed(text: unknown): string {
  if (typeof text !== 'string') throw new BindingError('A key is a string.', { name: 'TypeError' });
  return text.toWellFormed();
}

export function checkCacheTtl(operation: string, ttl: unknown): void {
  if (ttl === undefined || ttl === null) return;
  if (typeof ttl !== 'number' || !(ttl >= MIN_CACHE_TTL)) {
    throw failed(operation, 400, `Invalid cache_ttl of ${shown(ttl)}. Cache TTL must be at least ${MIN_CACHE_TTL}.`);
  }
}

/** When what is written now expires, in seconds since the epoch; undefined where it stays. @throws {BindingError} */
export function expirationOf(
  { expiration, expirationTtl }: { expiration?: unknown; expirationTtl?: unknown },
  now: number,
): number | undefined {
  const seconds = Math.floor(now / 1000);
  if (expirationTtl !== undefined && expirationTtl !== null) {
    if (!isWhole(expirationTtl) || expirationTtl <= 0)
      throw invalid('expiration_ttl', expirationTtl, 'Please specify integer greater than 0.');
    if (expirationTtl < MIN_TTL) throw invalid('expiration_ttl', expirationTtl, `Expiration TTL must be at least ${MIN_TTL}.`);
    return seconds + expirationTtl;
  }
  if (expiration === undefined || expiration === null) return undefined;
  if (!isWhole(expiration) || expiration <= seconds)
    throw invalid('expiration', expiration, 'Please specify integer greater than the current number of seconds since the UNIX epoch.');
  if (expiration < seconds + MIN_TTL)
    throw invalid('expiration', expiration, `Expiration times must be at least ${MIN_TTL} seconds in the future.`);
  return expiration;
}

/** Seconds that fit into a date. */
function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= 8_640_000_000_000;
}

function invalid(what: string, value: unknown, why: string): BindingError {
  return failed('PUT', 400, `Invalid ${what} of ${shown(value)}. ${why}`);
}

export function checkedLimit(limit: unknown): number {
  // Workers takes what is less than 1 for none.
  if (limit === undefined || limit === null || (typeof limit === 'number' && limit < 1)) return MAX_PAGE;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit <= MAX_PAGE) return limit;
  throw failed('GET', 400, `Invalid key_count_limit of ${shown(limit)}. Please specify an integer less than ${MAX_PAGE}.`);
}

/** The value of the metadata's JSON. */
export function checkedMetadata(json: unknown): unknown {
  if (json === undefined || json === null) return undefined;
  if (typeof json !== 'string') throw new BindingError('Metadata is JSON.', { name: 'TypeError' });
  const bytes = utf8.encode(json.slice(0, MAX_METADATA + 1)).byteLength;
  if (bytes > MAX_METADATA)
    throw failed('PUT', 413, `Metadata length of ${utf8.encode(json).byteLength} exceeds limit of ${MAX_METADATA}.`);
  return jsonOf(json, 'Metadata is JSON.');
}

export function valueTooLarge(length: number): BindingError {
  return failed('PUT', 413, `Value length of ${length} exceeds limit of ${MAX_VALUE}.`);
}

function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 40) : typeof value;
}
