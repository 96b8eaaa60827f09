import { concat } from '../../../bytes.ts';
import { weightOf } from '../../object-rules.ts';
import type { StoredObject } from '../../objects.ts';

/** Bytes of an object that lie in pieces of their own. */
export interface File {
  readonly id: string;
  readonly size: number;
  /** Bytes of each piece but the last. */
  readonly piece: number;
}

/** An object as the store has it: its bytes are those of the files one behind the other, or lie here. */
export interface ObjectEntry {
  readonly object: StoredObject;
  readonly files: readonly File[];
  readonly bytes: Uint8Array;
}

/** What lies in the entry's value before the bytes. */
interface Inner {
  readonly files: readonly File[];
  /** What the metadata of the entry has no room for. */
  readonly more?: Pick<StoredObject, 'httpMetadata' | 'customMetadata'>;
}

/** Of a store's metadata. */
const ROOM = 4 * 1024;
const LENGTH = 4;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** What is known of an object is metadata of its entry, so that who lists reads no values. */
export function encodeEntry({ object: { key, ...facts }, files, bytes }: ObjectEntry): { value: Uint8Array; metadata: string } {
  const whole = JSON.stringify(facts);
  const fits = utf8.encode(whole).byteLength <= ROOM;
  const { httpMetadata, customMetadata, ...rest } = facts;
  const weight = weightOf(key, facts);
  const inner: Inner = { files, ...(!fits && { more: { httpMetadata, customMetadata } }) };
  const json = utf8.encode(JSON.stringify(inner));
  const length = new Uint8Array(LENGTH);
  new DataView(length.buffer).setUint32(0, json.byteLength);
  return { value: concat([length, json, bytes]), metadata: fits ? whole : JSON.stringify({ ...rest, more: weight }) };
}

export function decodeEntry(key: string, { value, metadata }: { value: Uint8Array; metadata?: string }): ObjectEntry {
  const start = LENGTH + new DataView(value.buffer, value.byteOffset).getUint32(0);
  const { files, more } = JSON.parse(text.decode(value.subarray(LENGTH, start))) as Inner;
  const { object } = decodeFacts(key, metadata!);
  return { object: { ...object, ...more }, files, bytes: value.subarray(start) };
}

/** Without what there was no room for, where that is so. `weight` is what it takes of a quota. */
export function decodeFacts(key: string, metadata: string): { object: StoredObject; whole: boolean; weight: number } {
  const { more = false, ...facts } = JSON.parse(metadata) as Omit<StoredObject, 'key'> & { more?: number | boolean };
  const whole = more === false;
  const object = { key, ...facts, ...(!whole && { httpMetadata: {}, customMetadata: {} }) };
  return { object, whole, weight: typeof more === 'number' ? more : weightOf(key, object) };
}
