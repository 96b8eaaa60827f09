import { concat } from '../../bytes.ts';
import type { Body } from '../binding.ts';
import { BindingError } from '../binding-error.ts';
import { failed, valueTooLarge } from './limits.ts';
import { MAX_VALUE } from './size.ts';

/** What lies beside a value in the store, as JSON: seconds since the epoch, and the author's own. */
export interface Beside {
  readonly expiration?: number | undefined;
  readonly metadata?: unknown;
}

/** Undefined where there is nothing to keep. */
export function textOf({ expiration, metadata }: Beside): string | undefined {
  return expiration === undefined && metadata === undefined ? undefined : JSON.stringify({ expiration, metadata });
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
