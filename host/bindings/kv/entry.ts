import { concat } from '../../bytes.ts';
import type { Entry } from '../../stores/store.ts';
import type { Body } from '../binding.ts';
import { BindingError } from '../binding-error.ts';
import { failed, valueTooLarge } from './limits.ts';
import { MAX_VALUE } from './size.ts';

/** What lies beside a value in the store, as JSON. */
export interface Beside {
  /** Seconds since the epoch. */
  readonly expiration?: number | undefined;
  /** The author's own. */
  readonly metadata?: unknown;
  /** What it was written with. */
  readonly fence?: number | undefined;
  /** There is no value any more: it was deleted with this fence, which is remembered. */
  readonly gone?: true;
}

/** Undefined where there is nothing to keep. */
export function textOf(beside: Beside): string | undefined {
  const text = JSON.stringify(beside);
  return text === '{}' ? undefined : text;
}

/** What is there for readers. */
export function valued(entry: Entry | null): Entry | null {
  return entry !== null && besideOf(entry.metadata).gone === true ? null : entry;
}

export function besideOf(text: string | undefined): Beside {
  return text === undefined ? {} : (JSON.parse(text) as Beside);
}

/** All bytes of a value. @throws {BindingError} where they are too many; the stream is not read further */
export async function valueOf(body: Body): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  if (body instanceof Uint8Array) {
    if (body.byteLength > MAX_VALUE) throw valueTooLarge(body.byteLength);
    return body;
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of body) {
      size += part.byteLength;
      if (size > MAX_VALUE) throw valueTooLarge(size);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof BindingError) throw error;
    throw failed('PUT', 400, `The stream of the value broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parts.length === 1 ? parts[0]! : concat(parts);
}

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where a list goes on: behind this key. */
export function cursorOf(key: string): string {
  return btoa(String.fromCharCode(...utf8.encode(key)));
}

/** Null where no list gave it. */
export function keyOfCursor(cursor: string): string | null {
  try {
    return text.decode(Uint8Array.from(atob(cursor), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}
